"""What a reply to a follow-up says in a word, in both languages; whatever says more is for a person."""

import pytest

from channels.email.answers import AfterClosing, plain_answer_after_closing

STILL, BACK, STOP = AfterClosing.STILL_SOLVED, AfterClosing.CAME_BACK, AfterClosing.STOP


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ya", STILL), ("Sudah.", STILL), ("Semuanya baik!", STILL), ("Yes", STILL), ("All is well", STILL),
        ("ya\n\nSalam,\nSari", STILL), ("Ya, tetap teratasi.", STILL),
        ("kembali lagi", BACK), ("Belum", BACK), ("tidak", BACK), ("It came back", BACK), ("no", BACK),
        ("muncul lagi\nSejak kemarin tidak menyala.", BACK),
        ("berhenti", STOP), ("STOP", STOP), ("Stop.", STOP), ("unsubscribe", STOP), ("Don\u2019t ask again", STOP),
        ("stop\n\nSari", STOP),
    ],
)  # fmt: skip
def test_a_plain_first_line_is_understood(said: str, meant: AfterClosing) -> None:
    assert plain_answer_after_closing(said) is meant


@pytest.mark.parametrize(
    "said",
    [
        "", "Terima kasih", "ya tapi lambat", "ya\nTapi tagihannya masih salah.", "Stop sending broken kettles",
        "berhenti langganan paket saya", "Kapan uang saya kembali lagi?", "sudah?",
    ],
)  # fmt: skip
def test_whatever_says_more_is_read_by_a_person(said: str) -> None:
    assert plain_answer_after_closing(said) is None
