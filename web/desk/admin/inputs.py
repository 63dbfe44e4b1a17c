"""What the forms of the administration hold, read as values. Raises `BadInput` with the field that cannot be used."""

from collections.abc import Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from complaints.assignment import Agent
from complaints.errors import BadInput
from complaints.messages.commands import Actor
from complaints.model import read
from complaints.vocabulary import Language, Role
from database.accounts import DESK_ROLES, Account
from database.api_keys import NewKey
from web.catalogue import LANGUAGES

AGENT_ROLES = (Role.AGENT, Role.LEAD)


def agent_of(form: FormData, agent_id: str, tiers: Mapping[str, str]) -> Agent:
    """Return an agent as it was entered; `tiers` gives the team of each tier, which stands where none is given."""
    raw: dict[str, object] = {name: text(form, name) for name in ("name", "email", "role", "tier", "substitute")}
    raw |= {"id": agent_id, "skills": words(form, "skills"), "languages": _languages(form)}
    agent = read(Agent, {name: value for name, value in raw.items() if value})
    read(Actor, {"id": agent.id, "role": agent.role})
    if agent.tier not in tiers:
        raise BadInput("not a tier of the policy", field="tier", remedy=f"use one of {', '.join(tiers)}")
    if agent.role not in AGENT_ROLES:
        raise BadInput("not a role of an agent", field="role", remedy="use agent or lead")
    return agent.model_copy(update={"team": text(form, "team") or tiers[agent.tier]})


def account_of(form: FormData, account_id: str, now: datetime) -> Account:
    raw: dict[str, object] = {
        "id": account_id, "name": text(form, "name") or account_id, "role": text(form, "role") or Role.AGENT,
        "administers": "administers" in form, "teams": words(form, "teams"),
        "language": text(form, "language") or Language.ID, "created_at": now,
    }  # fmt: skip
    account = read(Account, raw)
    if account.role not in DESK_ROLES:
        raise BadInput("not a role of the desk", field="role", remedy=f"use one of {', '.join(DESK_ROLES)}")
    if account.administers and account.role not in AGENT_ROLES:
        account = account.model_copy(
            update={"administers": False}
        )  # an auditor changes nothing; an administrator is one
    return account


def key_of(form: FormData, key_id: str, now: datetime) -> NewKey:
    raw: dict[str, object] = {
        "id": key_id, "service": text(form, "service"), "created_at": now,
        "scopes": tuple(str(value) for value in form.getlist("scopes")),
    }  # fmt: skip
    companies = tuple(dict.fromkeys(one.strip() for one in text(form, "companies").split(",") if one.strip()))
    given = {"companies": companies, "per_minute": text(form, "per_minute")}
    return read(NewKey, raw | {name: value for name, value in given.items() if value})


def back_on(form: FormData, timezone: str, now: datetime) -> datetime | None:
    """Return when somebody is back: the beginning of a day, or None for until further notice."""
    given = text(form, "until")
    if not given:
        return None
    try:
        until = datetime.combine(datetime.fromisoformat(given).date(), time(), ZoneInfo(timezone))
    except ValueError:
        raise BadInput("is no day", field="until", remedy="give it as 2026-11-30") from None
    if until <= now:
        raise BadInput("is not in the future", field="until", remedy="give a day to come, or none")
    return until


def text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def words(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text(form, name).replace(",", " ").split()))


def _languages(form: FormData) -> tuple[str, ...]:
    spoken = tuple(str(value) for value in form.getlist("languages") if isinstance(value, str))
    if not set(spoken) <= set(LANGUAGES):
        raise BadInput("not a language of ours", field="languages", remedy=f"choose among {', '.join(LANGUAGES)}")
    return spoken
