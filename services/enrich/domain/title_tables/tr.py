"""Turkish."""

SENIORITY = {
    "former": "emekli, eski, işsiz",
    "intern": "stajyer",
    "aide": "asistanı, asistan, sekreter",
    "deputy": "yardımcısı",
    "founder": "kurucu, kurucusu, kurucu ortak, ortak kurucu, sahibi, şirket sahibi, işletme sahibi",
    "c_level": """genel müdür, genel müdürü, yönetim kurulu başkanı, yönetim kurulu üyesi, icra kurulu başkanı, şirket
        ortağı""",
    "director": "direktörü, direktör",
    "head": "başkanı, bölüm başkanı, departman müdürü",
    "lead": "şefi, takım lideri, lideri, koordinatörü, sorumlusu",
    "manager": "müdürü, müdür, yöneticisi, yönetici",
    "specialist": """uzmanı, uzman, mühendisi, mühendis, temsilcisi, geliştirici, danışmanı, danışman, muhasebeci, avukat,
        analisti, yazılımcı, elemanı""",
}
FUNCTION = {
    "support": "müşteri hizmetleri, müşteri destek, müşteri deneyimi, destek, çağrı merkezi",
    "marketing": "pazarlama, iletişim",
    "ops": "operasyon, üretim, lojistik, kalite, proje",
    "sales": "satış, iş geliştirme",
    "technical": "bilgi işlem, bilgi teknolojileri, yazılım, mühendis, mühendisi, teknik, yazılımcı, ürün",
    "finance": "muhasebe, finans, mali işler, muhasebeci",
    "hr": "insan kaynakları, ik",
    "procurement": "satın alma, satınalma",
    "legal": "hukuk, avukat",
    "all": """genel müdür, genel müdürü, kurucu, kurucusu, kurucu ortak, ortak kurucu, sahibi, şirket sahibi, işletme
        sahibi, yönetim kurulu, icra kurulu başkanı""",
}
