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
    final: str
    disagreement: str
    news: str
    thanks: str
    withdrawal: str
    supplier: str  # why a case is on hold
    danger: str  # a critical complaint
    parcel: str  # a complaint without its order number
    parcel_answer: str
    parcel_reply: str
    parcel_reasons: str


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
        final="Barang dan kabelnya sudah kami ganti, dan menyala ketika diuji. Lebih dari itu tidak dapat kami beri.",
        disagreement="Saya tetap tidak setuju. Saya kehilangan dua minggu karena ini.",
        news="Penggantinya rusak lagi setelah dua hari dengan gejala yang sama.",
        thanks="Sudah menyala. Terima kasih.",
        withdrawal="Tidak jadi. Ternyata stopkontak di rumah saya yang rusak.",
        supplier="Pabrik sedang menguji elemen pemanas dari seri barang Anda.",
        danger="Pemanas air mengeluarkan asap dan percikan api ketika dinyalakan.",
        parcel="Paket yang saya terima berisi setrika, padahal saya memesan pemanas air.",
        parcel_answer="Maaf atas kekeliruan ini. Begitu nomor pesanan Anda kami terima, gudang langsung kami tanyai.",
        parcel_reply="Nomor pesanannya A-1047.",
        parcel_reasons="Dua paket tertukar di gudang. Pesanan Anda kami kirim ulang hari ini.",
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
        final="We have replaced the kettle and its cable, and it worked when tested. We cannot offer more than that.",
        disagreement="I still do not agree. I lost two weeks over this.",
        news="The replacement failed after two days in the same way.",
        thanks="It works now. Thank you.",
        withdrawal="Never mind. It was the socket at my place that was broken.",
        supplier="The manufacturer is testing the heating element of your product's series.",
        danger="Smoke and sparks came out of the kettle when I switched it on.",
        parcel="The parcel I received holds an iron, but I ordered a kettle.",
        parcel_answer="We are sorry for the mistake. As soon as we have your order number, we will ask the warehouse.",
        parcel_reply="The order number is A-1047.",
        parcel_reasons="Two parcels were mixed up in the warehouse. Your order leaves again today.",
    ),
}
