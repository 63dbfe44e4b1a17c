"""What the demonstration's people say, in both languages. Written for it; nobody's real complaint."""

from typing import NamedTuple

from complaints.vocabulary import Language


class Words(NamedTuple):
    name: str
    problem: str
    answer: str
    question: str
    reply: str
    reasons: str
    missing: str
    better: str
    news: str
    thanks: str


WORDS: dict[Language, Words] = {
    Language.ID: Words(
        name="Ratna Wulandari",
        problem="Pemanas air yang saya beli minggu lalu tidak menyala sama sekali. Saya sudah mencoba dua stopkontak.",
        answer="Terima kasih sudah memberi tahu kami. Teknisi kami sedang memeriksa seri barang Anda.",
        question="Boleh kami minta foto label di bawah pemanas air?",
        reply="Fotonya saya lampirkan. Nomor serinya berakhir 204.",
        reasons="Elemen pemanas pada seri ini cacat produksi. Kami mengganti barang Anda.",
        missing="Barang penggantinya datang tanpa kabel listrik.",
        better="Kabel sudah kami kirim lewat kurir hari ini, dan kami menelepon untuk memastikan barang menyala.",
        news="Penggantinya rusak lagi setelah dua hari dengan gejala yang sama.",
        thanks="Sudah menyala. Terima kasih.",
    ),
    Language.EN: Words(
        name="Daniel Hartono",
        problem="The kettle I bought last week does not switch on at all. I have tried two different sockets.",
        answer="Thank you for telling us. Our technician is looking into your product's series.",
        question="Could you send us a picture of the label under the kettle?",
        reply="The picture is attached. The serial number ends in 204.",
        reasons="The heating element of this series is faulty. We are replacing your kettle.",
        missing="The replacement came without its power cable.",
        better="The cable left with a courier today, and we will call to make sure that it works.",
        news="The replacement failed after two days in the same way.",
        thanks="It works now. Thank you.",
    ),
}
