"""In which of our languages a mail is written: by its everyday words, which no text goes without."""

import re

from complaints.vocabulary import Language

_WORDS = re.compile(r"[a-z']+")
_READ = 5_000  # characters
_COMMON = {
    Language.ID: frozenset(
        ["yang", "dan", "di", "ke", "dari", "ini", "itu", "saya", "kami", "anda", "tidak", "belum", "sudah", "untuk",
         "dengan", "pada", "adalah", "akan", "bisa", "karena", "barang", "pesanan", "tolong", "mohon", "terima",
         "kasih", "selamat", "pagi", "siang", "sore", "malam", "juga", "telah", "masih", "saat"]
    ),
    Language.EN: frozenset(
        ["the", "and", "of", "to", "in", "is", "it", "that", "i", "you", "my", "we", "for", "on", "with", "was", "not",
         "have", "has", "this", "but", "are", "be", "they", "from", "at", "as", "been", "would", "please", "thank",
         "your", "do", "did", "had"]
    ),
}  # fmt: skip


def language_of(text: str, otherwise: Language = Language.ID) -> Language:
    """The language most of whose everyday words are there; `otherwise` if none is ahead."""
    words = _WORDS.findall(text[:_READ].lower())
    found = {language: sum(word in common for word in words) for language, common in _COMMON.items()}
    best = max(found.values())
    leaders = [language for language, number in found.items() if number == best]
    return leaders[0] if best and len(leaders) == 1 else otherwise
