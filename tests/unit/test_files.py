"""What is taken of the files that people send: their bytes decide, never their name."""

import io
import zipfile

import pytest

from channels.files import LARGEST, checked_file, safe_name
from complaints.errors import BadInput

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(40)


def archive(**parts):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return kept.getvalue()


def office(**parts):
    return archive(**{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>"}, **parts)


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (PNG, "image/png", "struk.png"),
        (JPEG, "image/jpeg", "struk.jpg"),
        (PDF, "application/pdf", "struk.pdf"),
        (WEBP, "image/webp", "struk.webp"),
        ("Struk: Rp10.000 · terima kasih\n".encode(), "text/plain", "struk.txt"),
        (office(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "struk.docx"),
        (archive(mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text",
         "struk.odt"),
    ],
)  # fmt: skip
def test_what_it_is_its_bytes_say(content, media_type, name):
    taken = checked_file("struk.exe", content).evidence
    assert (taken.media_type, taken.name, taken.size) == (media_type, name, len(content))


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"Dear all <script>alert(1)</script>",
        b"  <!DOCTYPE html><html></html>",
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ" + bytes(200),
        b"\x7fELF" + bytes(200),
        b"text with a \x00 byte",
        "latin-1: caf\xe9".encode("latin-1"),
        archive(a="just an archive"),
        office(word__vbaProject_bin="x").replace(b"vbaProject_bin", b"vbaProject.bin"),
        PNG + archive(a="a picture and an archive at once"),
        PDF + archive(a="a document and an archive at once"),
        b"",
        PNG + bytes(LARGEST),
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_what_could_run_or_hide_something_is_refused(content):
    with pytest.raises(BadInput) as refused:
        checked_file("surat.pdf", content, field="file")
    assert refused.value.field == "file"
    assert refused.value.remedy
    assert "surat" not in str(refused.value)


def test_a_bomb_is_refused_without_being_unpacked():
    bomb = office(**{f"word__{n}.xml": bytes(30_000_000) for n in range(4)})
    assert len(bomb) < 1_000_000
    with pytest.raises(BadInput):
        checked_file("besar.docx", bomb)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Windows\\a.png", "a.png"),
        ("foto\r\nContent-Type: text/html.png", "fotoContent-Type text html.png".replace(" text html", " text")),
        ("\u202egnp.exe", "gnp.png"),
        ("", "file.png"),
        ("....", "file.png"),
        ("struk pembelian.tar.gz", "struk pembelian.tar.png"),
    ],
)
def test_a_name_is_only_a_name(name, safe):
    got = safe_name(name, "image/png")
    assert got.endswith(".png")
    assert not set(got) & set('/\\<>:"|?*\r\n\u202e')
    if "\n" not in name:
        assert got == safe
