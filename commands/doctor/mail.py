"""The mail server, asked for everything but to take a mail."""

from channels.email.outbound import EmailNotifier, Refusal
from commands.doctor.finding import Finding, ok, problem, unreachable, warning
from complaints.errors import BadInput

_WITHIN = 8.0  # seconds for one answer: a refused login is often answered late
_REMEDIES = {
    Refusal.UNREACHABLE: "see that the mail server runs and TUNTAS_SMTP_URL is right; notices wait until it answers",
    Refusal.LOGIN: "see the user and the password in TUNTAS_SMTP_URL; notices wait until they are right",
    Refusal.SENDER: "set TUNTAS_MAIL_FROM to a sender that the server allows to this user; notices wait until then",
}


async def mail(url: str | None, sender: str) -> Finding:
    if url is None:
        return warning(
            "mail", "no mail server is set: notices are only noted on the worker's log", "set TUNTAS_SMTP_URL"
        )
    try:
        async with EmailNotifier(url, sender=sender, timeout=_WITHIN) as notifier:
            refused = await notifier.refusal()
    except BadInput as error:
        return problem("mail", str(error), error.remedy)
    if refused is None:
        return ok("mail", f"the mail server takes mail from {sender}", sender=sender)
    kind, said = refused
    tell = unreachable if kind is Refusal.UNREACHABLE else problem
    return tell("mail", f"{kind}: {said}", _REMEDIES[kind], refused=kind.name.lower(), said=said)
