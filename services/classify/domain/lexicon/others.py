"""Turkish, Arabic, Japanese and Chinese; `english.py` says what each key holds.

Japanese and Chinese have no blanks, so that their units stand in the phrases themselves (`span_week`: weeks, and so
        on).
"""

TURKISH = {
    "n": """bir=1 iki=2 uc=3 dort=4 bes=5 alti=6 yedi=7 sekiz=8 dokuz=9 on=10 oniki=12 yirmi=20 otuz=30 kirk=40
        elli=50 altmis=60 seksen=80 yuz=100 birkac=3""",
    "unit": """gun=1 gunde=1 hafta=7 haftada=7 haftaya=7 ay=30 ayda=30 aya=30 ayin=30 ceyrek=91 ceyrekte=91
        ceyregin=91 yil=365 yilda=365 yilin=365 sene=365 haftanin=7 senenin=365""",
    "month": """ocak|ocakta|ocaga subat|subatta|subata mart|martta|marta nisan|nisanda|nisana mayis|mayista|mayisa
        haziran|haziranda|hazirana temmuz|temmuzda|temmuza agustos|agustosta|agustosa eylul|eylulde|eylule
        ekim|ekimde|ekime kasim|kasimda|kasima aralik|aralikta|araliga""",
    "weekday": """pazartesi|pazartesiye sali|saliya carsamba|carsambaya persembe|persembeye cuma|cumaya cumartesi
        pazar|pazara""",
    "season": """bahar=3 baharda=3 ilkbahar=3 ilkbaharda=3 yaz=6 yazin=6 yaza=6 yazdan=6 sonbahar=9 sonbaharda=9
        kis=12 kisin=12 bayram=4 sezon=6""",
    "span": "<n> <unit> icinde|icerisinde|sonra|kaldi; (onumuzdeki|gelecek) <n> <unit>; <n> <unit> var; <unit> icinde",
    "next": "gelecek|onumuzdeki|oteki|haftaya|yeni (ki) <unit>",
    "this": "bu <unit> (icinde|sonuna|sonu)",
    "end": "(bu) <unit> sonu|sonuna|sonunda|sonundan; yilsonu",
    "end_next": "gelecek|onumuzdeki <unit> sonuna|sonunda",
    "month_at": """<month> (ayi|ayina|ayinda|sonuna|basinda|sonunda|ortasinda|basina|ayindan)
        (ta|te|da|de|a|e|ya|ye|kadar|once|itibaren)
        kadar|once|basla*|baslamak|ayinda|ayina|itibaren|bitiyor|sonuna|gecmek; <month>
        (ayi|ayina|ayinda|sonuna|basinda|sonunda|ortasinda|basina|ayindan) (ta|te|da|de|a|e|ya|ye|kadar|once|itibaren)
        basinda|sonunda|basina|devreye|istiyoruz|canliya|icin|planl*; <month>
        ayinda|ayina|sonuna|sonunda|basinda|basina;
        martta|ocakta|subatta|nisanda|mayista|haziranda|temmuzda|agustosta|eylulde|ekimde; kasimda|aralikta""",
    "weekday_at": """(gelecek|bu|onumuzdeki) <weekday> (gunu|gunune|ye|ya|a|e) kadar|once|gunu|icin;
        bu|gelecek|onumuzdeki <weekday>""",
    "season_at": """(bu|gelecek|onumuzdeki) <season> (aylarinda|kadar|once|icin|sezonundan) ;
        ilkbaharda|baharda|yazin|sonbaharda""",
    "season_after": "<season>|yazdan|yaz|bayramdan|tatilden sonra",
    "quarter_at": "q <n> (<year>); <ordinal> ceyrek|ceyrekte|ceyreginde; <year> <ordinal> ceyrek*",
    "ordinal": "ilk=1 birinci=1 ikinci=2 ucuncu=3 dorduncu=4 son=4",
    "year_at": "<year> yilinda|yilina|icin|den|e|de|te|basinda|sonuna (kadar|once) ",
    "high": """acil|acilen|acildir; aciliyet*; en kisa zaman*|sure*; mumkun olan en kisa; (bir) an once;
        derhal|hemen|hemen simdi; bugun (icinde|icin|mutlaka) ; bugun ara*; simdi lazim; cok acil|hizli|cabuk; dunden
        beri; bu sabah*; coktu|coktuu; calismiyor|calismamaya; durdu; bozuldu; yarina|yarin kadar; asap;
        vaktimiz|zamanimiz yok|daraliyor; ivedi|ivedilikle; sikisik durumda""",
    "low": """acelemiz|acele|acelem|acelesi|aciliyeti|aciliyet (hic) yok|degil|etmiyoruz|gerek; acil degil; acil bir
        (durum|ihtiyac) degil|yok; acelesiz; acele etmeden|etmiyoruz; ileride bir; uzun vadede|vadeli; bekleyebilir;
        sakin sakin""",
    "exploring": """simdilik|sadece|yalnizca (bilgi|arastir*|incel*|karsilastir*|merak*|bakiyor*|fikir)
        almak|ediyor*|icin|topl*|yapiyor*|edinmek; sadece|simdilik|yalnizca
        bilgi|arastir*|incel*|karsilastir*|merak*|bakiyor*|fikir|goz; meraktan; erken asamada*; henuz net|kesin|karar;
        daha sonra""",
    "medium": "yakinda; yakin zamanda|gelecekte; onumuzdeki haftalarda|aylarda|donemde|gunlerde; kisa vadede",
    "void": """acil talep*|mesaj*|cagri*|ticket*|vaka*|istek*|durumlar*|bilet*|servis|biletler*; hangi*|ne|en|kadar ..
        acil; her <unit>|<weekday>|sabah; musteri* .. <n> <unit> icinde; gunde|haftada|ayda|yilda <n>; hemen her;
        hemen hemen; acil servis|cagri; <n> gunde; bugune kadar""",
    "past": """beri|gecen|onceki|kuruldu|kurulduk|kurulmus|geldik|katildim|gordum; yilinda kurul*; siparis|fatura
        no|numarasi""",
    "intent": """fiyat|fiyati|fiyatlar*|fiyatin*|fiyatlandirma
        (teklif*|bilgisi|listesi|nedir|ne|almak|alabilir*|ogren*|kac) ; teklif|teklifi|teklifinizi|teklifini;
        demo|sunum|tanitim|demosu (gorm*|talep|ist*|yap*|almak|alabilir*|gost*) ; demo; ne kadar; kaca|kac
        para|lira|tl; maliyet*|ucret*; ara* misiniz|mi|beni|bizi; (beni|bizi|lutfen|geri)
        arayin|arayabilir*|arayiniz|aramanizi|arar|ara; (bizimle|benimle) iletisim*|irtibat*|gorus* gec*|kur*;
        gorusme|toplanti|randevu|gorusmek|gorusebilir* ayarla*|planla*|yap*|ist*|icin|talep|almak; deneme
        surum*|sureci*|hesab*|surec*|donem*; ucretsiz dene*; denemek|deneyebilir*|denemesi; pilot; satin almak|alma*;
        sozlesme* imzala*|gonder*; butce* onay*|hazir|var; sonraki|bir adim*; konusabilir* ; satis
        (ekib*|temsilci*|ekibinizle) (ile) gorus*|konus*""",
    "intent_void": "musteri*|hasta*|insanlar|kisiler|misafir* .. ara*; teklifler* hazirla*; fiyatlar* guncel*",
    "i_am": "ben; bendeniz",
    "i_am_anywhere": """olarak calis*|gorev*|yapiyor*; kurucusuyum; sahibiyim; muduruyum; mudurum; sorumlusuyum;
        yoneticisiyim; direktoruyum; yonetiyorum; calisiyorum""",
    "i_am_not": "ilgileniyorum",
    "i_am_here": "burada",
    "we_are": "biz; bizim|sirketimiz|firmamiz|isletmemiz; sahibi oldugum|oldugumuz; calistigim; ben",
    "our": "bizim|sirketimiz|firmamiz|benim",
    "stop": "ve|ama|icin|ile|istiyoruz|ariyoruz|cunku|fakat",
    "size": """<n> calisan*|personel*|kisilik|kisiyiz|calisani*|elaman*|eleman* (sirket*|firma*|ekip|ekibiz|bir) ; <n>
        kisi calis*; calisan sayi* <n>""",
    "size_vague": "<n> kisi",
    "one_person": """sahis sirketi|firmasi|sirketim|isletmesi; serbest calis*|meslek; freelancer|freelance; tek
        basima|kisilik; tek kisilik""",
    "size_void": """<n> kisilik (bir) destek|satis|musteri|pazarlama|cagri (hizmetleri|merkezi) ekib*|ekip*|tak* ;
        destek|satis|hizmetleri|servis ekib*|ekip* <n> kisi*; <n> kisi ariyor|bekliyor""",
}

ARABIC = {
    "n": """واحد=1 واحدة=1 اثنين=2 اثنان=2 ثلاثة=3 ثلاث=3 أربعة=4 أربع=4 خمسة=5 خمس=5 ستة=6 ست=6 سبعة=7 سبع=7 ثمانية=8
        ثماني=8 تسعة=9 عشرة=10 عشر=10 عشرين=20 عشرون=20 ثلاثين=30 ثلاثون=30 أربعين=40 خمسين=50 خمسون=50 ستين=60
        مئة=100 مائة=100 بضعة=3 عدة=3""",
    "unit": """يوم=1 أيام=1 يوما=1 يومين=2 أسبوع=7 أسابيع=7 أسبوعين=14 شهر=30 أشهر=30 شهور=30 شهرين=60 شهرا=30 ربع=91
        سنة=365 عام=365 سنوات=365 سنتين=730 عامين=730""",
    "month": """يناير|كانون فبراير|شباط مارس|آذار أبريل|نيسان|إبريل مايو|أيار يونيو|حزيران يوليو|تموز أغسطس|آب
        سبتمبر|أيلول أكتوبر|تشرين نوفمبر ديسمبر""",
    "weekday": "الاثنين|الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "season": "الربيع=3 الصيف=6 رمضان=2 الخريف=9 الشتاء=12 العيد=3",
    "span": """خلال|في|بعد|غضون|قبل (ال) (غضون|أقل|الـ) (من) <n> <unit>; خلال|بعد|غضون|في <unit>; (الأيام|أسابيع) <n>
        القادمة|المقبلة; لدينا <n> <unit>""",
    "next": "<unit> القادم|القادمة|المقبل|المقبلة|التالي|الجديد|الجديدة; مطلع العام",
    "this": "هذا|هذه <unit>; <unit> الحالي|الجاري|الحالية",
    "end": "نهاية (هذا|هذه) <unit> (الحالي|الجاري)",
    "end_next": "نهاية <unit> القادم|المقبل",
    "month_at": """في|قبل|حتى|بحلول|من|بداية|منتصف|نهاية|خلال|أول|لشهر (شهر|بداية|نهاية|منتصف|أوائل|أواخر) <month>
        (<year>)""",
    "weekday_at": "يوم|قبل|حتى|بحلول (يوم) <weekday> (القادم|المقبل)",
    "season_at": "قبل|في|خلال|بحلول|مع (فصل|بداية|نهاية|موسم|شهر) <season>",
    "season_after": "بعد (فصل|نهاية) <season>",
    "quarter_at": "q <n> (<year>); الربع <ordinal> (من) (عام) (<year>)",
    "ordinal": "الأول=1 الثاني=2 الثالث=3 الرابع=4",
    "year_at": "في|قبل|بحلول|خلال|حتى|بداية|نهاية (عام|سنة|نهاية|بداية) (عام) <year>",
    "high": """عاجل|عاجلة|عاجلا|مستعجل|مستعجلة|مستعجلين; بشكل عاجل; (على) وجه السرعة; (في) (بأسرع|أسرع|أقرب) (وقت)
        ممكن; بأسرع|أسرع|أقرب وقت|فرصة; فورا|فوري|فورية|حالا; اليوم (من|قبل) ; اتصل* .. اليوم; نحتاج*|نريد ..
        فورا|اليوم|بسرعة|سريعا|حالا; جدا عاجل; منذ أمس|صباح|البارحة; هذا الصباح; صباح اليوم;
        تعطل|تعطلت|متوقف|متوقفة|توقف|توقفت; معطل|معطلة; لا يعمل|تعمل (النظام|منذ) ; طارئ|طارئة; قبل الغد; غدا; الوقت
        يداهمنا; ضروري جدا""",
    "low": """لسنا|ليس|ليست|لا|بدون|بلا|دون|غير|لا يوجد|لست (في|هناك|الأمر|أمرا|يوجد|توجد|على|نحن|داعي)
        (هناك|عجلة|أي|من) (عجلة|عاجلا|عاجل|استعجال|مستعجل|مستعجلين|مستعجلا|مستعجلة|للعجلة|ضغط|عاجلة); لسنا|ليس
        (الأمر|هناك|في) عجلة|عاجلا|استعجال|مستعجلين; غير عاجل|مستعجل|مستعجلين; لا (داعي) (داعي)
        للعجلة|للاستعجال|استعجال; خذوا وقتكم; على المدى البعيد|الطويل; يمكن أن ينتظر; يوما ما""",
    "exploring": """فقط|مجرد|نحن|حاليا (فقط) نستكشف|أستكشف|نستطلع|فضول|استفسار|نقارن|أقارن|نبحث|استطلاع|للاطلاع|للعلم
        (فقط|الخيارات|عن) ; مجرد|فقط
        فضول|استفسار|استكشاف|للاطلاع|للمعرفة|معلومات|أستفسر|نستفسر|أستكشف|نستكشف|نقارن|أتصفح|نتصفح; من باب
        الفضول|الاطلاع; للاطلاع|للمعرفة فقط; نستكشف|أستكشف (الخيارات) ; مرحلة مبكرة|استكشافية; لا شيء مؤكد; في
        المستقبل; لاحقا; في وقت لاحق""",
    "medium": "قريبا; في القريب (العاجل); (في|خلال) الأسابيع|الأشهر|الفترة القادمة|المقبلة|القليلة",
    "void": """تذاكر|طلبات|رسائل|مكالمات|حالات|التذاكر|الطلبات|الرسائل|الحالات العاجلة|عاجلة|المستعجلة|الطارئة;
        كل|كلّ|يوميا|شهريا <unit>|<weekday>|صباح; العملاء .. خلال <n> <unit>; القريب العاجل; أي .. عاجل|عاجلة;
        غرفة|قسم الطوارئ; ما هو العاجل; <n> مكالمة|تذكرة|رسالة في|كل|خلال <unit>""",
    "past": "منذ|الماضي|الماضية|تأسست|تأسسنا|السابق|السابقة|الفائت|حضرت|رأيت|أنشئت; تأسست شركتنا; طلب|فاتورة رقم",
    "intent": """عرض سعر|أسعار|السعر|الأسعار|توضيحي|تجريبي|مالي|تقديمي|فني|حي; عرض سعر|أسعار; تسعير|تسعيرة|تسعيره;
        كم (هو|هي) السعر|سعر|تكلفة|التكلفة|يكلف|تكلف|الأسعار|ثمن|الثمن|سيكلف|ستكلف; ما (هي|هو)
        سعر|السعر|أسعار|أسعاركم|التكلفة|تكلفة|الأسعار|أسعاركم|سعركم; الأسعار|أسعاركم|أسعار|قائمة
        الأسعار|التكلفة|تكلفة; اتصلوا|اتصل|الاتصال|اتصال|تتصلوا|نرجو الاتصال (بي|بنا|بي|بنا) ; معاودة|إعادة الاتصال;
        التواصل|تواصلوا معي|معنا; موعد|اجتماع|مكالمة|لقاء مع|لمناقشة|معكم|قريب|تعريفي; تحديد|حجز|ترتيب|جدولة ..
        موعد|اجتماع|مكالمة|عرض; تجربة مجانية|مجاني|النظام|المنتج; تجربة مجانية; نسخة|فترة تجريبية; مشروع تجريبي;
        ديمو; شراء|نشتري|أشتري|الشراء|الاشتراك|نشترك; التحدث|أتحدث|نتحدث (مع|إلى) مندوب|أحد|شخص|فريق|المبيعات|ممثل;
        الخطوات|الخطوة التالية|القادمة; الميزانية معتمدة|جاهزة|متوفرة; توقيع العقد|عقد; أرسلوا|إرسال|ترسلوا ..
        الأسعار|عرض|العقد|عقد|السعر""",
    "intent_void": """العملاء|عملاؤنا|المرضى|الزبائن|الناس .. يتصل*|الاتصال|اتصال; عرض النطاق; تجربة
        العملاء|العميل|المستخدم""",
    "i_am": "أنا; أعمل (في|ك|كمدير) ; أدير|أقود|أترأس; بصفتي; مسؤول|المسؤول عن; أشغل منصب; اسمي",
    "i_am_not": "مهتم|مهتمة|أبحث|أريد|لست|طالب|طالبة|أود|لا",
    "i_am_here": "هنا",
    "we_are": """نحن; شركتنا|مؤسستنا|متجرنا|منظمتنا; لدينا|عندنا; ندير|نملك|نشغل|نصنع|ننتج|نبيع; أعمل (في|لدى) ;
        أدير|أملك; مدير|مديرة|صاحب|صاحبة|مؤسس; في شركة|مؤسسة""",
    "our": "لدينا|شركتنا|عندنا",
    "stop": "ونريد|ونحتاج|لكن|التي|الذي|لأن|نريد|نحتاج|نبحث|لخدمة|ل",
    "size": """<n> موظف|موظفا|موظفين|موظفة|عامل|عاملا|الموظفين|موظفون; عدد موظفي*|الموظفين|موظفينا|العاملين
        (هو|حوالي|نحو) <n>; (لدينا) <n> (من) الموظفين; فريق (من|مكون|مكوّن) (من) <n> (شخصا|أشخاص|شخص|موظفا|موظفين)""",
    "size_vague": "<n> شخص|شخصا|أشخاص",
    "one_person": "مستقل|مستقلة|فريلانسر; عمل حر; بمفردي|لوحدي; أعمل وحدي",
    "size_void": """فريق|قسم الدعم|المبيعات|الخدمة|خدمة|دعم (العملاء) (من|يضم) <n> (موظفين|موظفا|أشخاص); <n> شخص
        يتصل*; <n> موظفين|موظفا في الدعم|خدمة|قسم|المبيعات""",
}

JAPANESE = {
    "n": "一=1 二=2 三=3 四=4 五=5 六=6 七=7 八=8 九=9 十=10 数=3",
    "ordinal": "一=1 二=2 三=3 四=4",
    "span_day": "<n> 日以内|日間で|日後|日以内に|日中に; あと <n> 日; <n> 営業日",
    "span_week": "<n> 週間 以内|で|後|のうちに|ほどで|程度で|しか; <n> 週間; あと <n> 週",
    "span_month": "<n> ヶ月|か月|カ月|ヵ月|ケ月|箇月 以内|後|で|くらい|ほど|のうちに|程度|弱; <n> ヶ月後|か月後|カ月後",
    "month_number": """<n> 月 までに|まで|から|に|中に|中|末|初旬|中旬|下旬|頃|ごろ|の|上旬|開始; <n> 月
        稼働|以降|より|スタート|導入|リリース""",
    "next:7": "来週|再来週|翌週",
    "next:30": "来月|翌月|再来月",
    "next:91": "来四半期|次の四半期|次四半期|来期|次期|新年度|来年度|下期|下半期|上期|上半期|年度内|今年度|今期",
    "next:365": "来年|再来年|翌年|来年以降",
    "this:7": "今週|今週中",
    "this:30": "今月|今月中",
    "this:365": "今年|今年中|年内",
    "end:365": "年末|年度末|年末まで",
    "end:30": "月末|今月末",
    "end:91": "四半期末|期末",
    "end_next:30": "来月末",
    "season_word:3": "春|春頃|春まで|春から|年度始め",
    "season_word:6": "夏|夏頃|夏まで|夏まで|夏前|夏休み後",
    "season_word:9": "秋|秋頃|秋まで",
    "season_word:12": "冬まで",
    "weekday_at": "来週 月|火|水|木|金 曜; 今度の 月|火|水|木|金 曜; 月|火|水|木|金 曜日まで|曜まで|曜日までに",
    "quarter_at": "第 <n> 四半期; q <n> (<year>); <ordinal> 四半期",
    "year_at": "<year> 年 中に|までに|に|度|以降|内|から",
    "high": """至急|大至急|緊急|早急|早急に|急ぎ|急ぎで|急いで|急いでいます|急募|直ちに|ただちに|即;
        即日|すぐに|今すぐ|いますぐ|一刻も早く|できるだけ早く|出来るだけ早く|なるべく早く;
        できる限り早く|可能な限り早く|本日中|今日中|明日まで|明日までに|明後日まで|急務;
        急ぎです|お急ぎ|切羽詰|時間がありません|時間がない|障害が発生|停止しています;
        止まっています|ダウンして|動かなくなり|動きません|使えなくなり|つながらなくなり;
        繋がらなくなり|故障し|期限が迫|納期が迫|昨日から|今朝から""",
    "low": """急ぎではありません|急ぎではない|急ぎではなく|急いではいません|急いでいません;
        急いでおりません|急いではおりません|急ぎません|急がない|急ぎでは|特に急ぎ|急を要;
        緊急ではありません|緊急性はありません|お時間のあるとき|お時間のある時|時間のあるとき;
        お手すき|いつでも構いません|いつでも結構|将来的に|いずれは|長期的|ゆっくりで""",
    "exploring": """情報収集|参考までに|検討段階|検討中の段階|検討の初期|まだ検討|比較検討|興味本位;
        とりあえず資料|勉強のため|まだ決まって|まだ具体的|未定|時期は未定|今後の参考|下調べ; 将来|いつか|当面予定""",
    "medium": "近々|近いうち|近日中|まもなく|間もなく|数か月|数ヶ月|数カ月|数週間|年度内",
    "void": """緊急の問い合わせ|緊急のお問い合わせ|緊急度|緊急性の高い|緊急案件 日に|<n> 月分|今日では|春日|春夏|秋葉;
        緊急対応|緊急連絡先|至急の案件|急ぎの問い合わせ|急ぎの案件|急患|毎日 日に|<n> 月分|今日では|春日|春夏|秋葉;
        毎週|毎月|毎年|月に|週に|月間|即時|即座に回答|すぐに返信|すぐに回答 日に|<n> 月分|今日では|春日|春夏|秋葉;
        顧客からの緊急|お客様からの緊急|緊急のチケット|月曜の朝|一日|<n> 日に|<n> 月分|今日では|春日|春夏|秋葉""",
    "past": "以来|設立|創業|創立|先週|先月|昨年|去年|年前|か月前|ヶ月前|前回|先日|より営業|注文番号|受注番号",
    "intent": """見積|見積もり|お見積|デモ|デモンストレーション|価格|料金|費用|値段|いくら;
        お電話ください|電話をください|お電話を|お電話いただ|折り返し|打ち合わせ|打合せ|商談;
        面談|ミーティング|オンライン面談|お話を伺い|お話を聞|お話したい|お話しした;
        話を聞きたい|ご連絡ください|連絡をください|ご連絡いただ|ご連絡をお|ご連絡お;
        連絡をお願い|トライアル|無料体験|試用|お試し|試してみ|試験導入|購入|契約したい;
        契約を|申し込み|申込|導入したい|提案をお願い|ご提案|予算は承認|予算は確保|予算が確保;
        予算が承認|ご説明いただ|説明を受け|訪問""",
    "intent_void": """価格表を管理|料金の問い合わせ|料金に関する問い合わせ|見積もりの作成を|見積書の作成;
        購入履歴|購入者|契約書管理|お客様からお電話|顧客からの電話|商談管理|商談の;
        商談データ|打ち合わせの記録|費用対効果|価格の問い合わせ|いくらでも|いくらか|いくら""",
    "i_am": "私は|わたしは|私|弊社の|担当|担当の|当社の|弊社で|当社で|にて|と申します|務めて|責任者",
    "i_am_anywhere": """と申します|務めております|務めています|をしております|を務め|担当しております;
        担当しています|の責任者です|部長です|マネージャーです|代表です|社長です|課長です;
        経営者です|の者です|を担当|勤務して|部の|です""",
    "i_am_not": "",
    "we_are": """当社は|弊社は|私たちは|我々は|当院は|当店は|当校は|弊社|当社|私ども|わたしたちは;
        うちは|運営しています|経営しています|経営して|運営して|を営""",
    "our": "当社|弊社",
    "stop": "顧客|お客|向け|ため",
    "size": """従業員|従業員数|社員|社員数|スタッフ|正社員 (は|が|数|数は|約|は約|およそ|数約|合計|全員で) (約|は) <n>
        人|名; 従業員|社員|スタッフ <n> 人|名; <n> 人|名 の|規模の|ほどの
        会社|企業|組織|社員|従業員|スタッフ|スタートアップ|規模; <n> 人|名 規模|体制; <n> 人会社|名体制""",
    "size_vague": "<n> 人|名 です|で|の小さな|以下|ほど",
    "one_person": "個人事業主|フリーランス|一人で運営|一人会社|ひとりで経営|一人で経営",
    "size_void": """サポート|営業|カスタマー|コールセンター|オペレーター|チーム|部署|担当者
        (は|が|の|部|チームは|スタッフ|担当) (約) <n> 人|名; <n> 人|名
        のサポート|の営業|のオペレーター|のチーム|のお客様|の顧客|の患者; 毎日 <n> 人; <n> 人のエージェント""",
}

CHINESE = {
    "n": "一=1 两=2 二=2 三=3 四=4 五=5 六=6 七=7 八=8 九=9 十=10 几=3 半=1",
    "ordinal": "一=1 二=2 三=3 四=4",
    "span_day": "<n> 天内|天之内|天以内|天后|个工作日|天之后|日内; 还有 <n> 天",
    "span_week": "<n> 周内|周之内|周以内|周后|个星期|个星期内|个礼拜|星期内|周时间; 半个月内; 半个月",
    "span_month": "<n> 个月内|个月之内|个月以内|个月后|个月之后|个月左右",
    "month_number": "<n> 月 份|底|初|前|之前|中旬|开始|上线|到期|启动|就|下旬|上旬|以前|要|左右|续约|份之前|能|起|内|中",
    "next:7": "下周|下星期|下个星期|下礼拜",
    "next:30": "下个月|下月|次月",
    "next:91": "下个季度|下季度|下一季度|下一个季度|下半年|上半年",
    "next:365": "明年|后年|来年",
    "this:7": "本周|这周|这个星期|这星期",
    "this:30": "本月|这个月|当月",
    "this:91": "本季度|这个季度|这季度",
    "this:365": "今年|今年内|年内",
    "end:365": "年底|年末|年前|春节前|元旦前",
    "end:30": "月底|月末",
    "end:91": "季度末|季末",
    "end_next:30": "下月底|下个月底",
    "season_word:3": "春天|春季|开春|明年春",
    "season_word:6": "夏天|夏季|暑期|暑假",
    "season_word:9": "秋天|秋季",
    "season_word:12": "冬天|冬季|双十一前",
    "weekday_at": "下周 一|二|三|四|五; 本周|这周 一|二|三|四|五; 周|星期 一|二|三|四|五 前|之前|以前",
    "quarter_at": "第 <ordinal>|<n> 季度; q <n> (<year>); <ordinal>|<n> 季度",
    "year_at": "<year> 年 内|之前|底|初|前|开始|中|上半|下半|要|再",
    "high": """紧急|急需|加急|急用|很急|非常急|比较急|着急|十万火急|尽快|尽早|越快越好|马上|立刻;
        立即|立马|赶紧|火速|刻不容缓|迫在眉睫|今天就|今天内|今天之内|今日内|今天下班;
        明天之前|明天就|时间紧|时间很紧|崩溃了|瘫痪|宕机|出故障|故障了|坏了|不能用了;
        无法使用|打不开了|挂了|从昨天|从今早|今天早上|即刻""",
    "low": """不着急|不急|不是很急|不太急|不紧急|并不急|没那么急|不用着急|没有时间压力|不赶时间;
        慢慢来|以后再说|将来|长期来看|有空的时候|有时间再""",
    "exploring": """先了解|了解一下|只是看看|随便看看|只是了解|只是好奇|出于好奇|仅供参考|先看看;
        初步了解|调研阶段|初步调研|前期调研|还没有计划|暂时没有计划|还没决定|暂无计划;
        对比一下|先对比|只是比较|考察阶段|还在考虑|观望|暂时只是""",
    "medium": "近期|不久|最近要|近几个月|未来几个月|接下来几个月|未来几周|接下来几周|短期内",
    "void": """紧急工单|紧急的工单|紧急程度|紧急电话|紧急请求|紧急邮件|紧急情况|紧急问题|紧急客户;
        紧急程序|急诊|急救|每天|每周|每月|每个月|每年|一天|每日|客户着急|客户很着急;
        着急的客户|尽快回复客户|立即回复|马上回复客户|即时|立即响应|哪些紧急|最紧急|一周;
        马上就要|今年以来|年前成立""",
    "past": "自从|成立|创立|创办|去年|上周|上个月|上月|以来|年前|个月前|看过|参加了|参加过|订单号|发票号",
    "intent": """报价|报价单|询价|演示|试用|试用版|价格|多少钱|费用|收费|价钱|怎么收费|如何收费;
        打电话|来电|回电|致电|给我电话|联系我|与我联系|和我联系|跟我联系|联系我们|与我们联系;
        和我们联系|预约|安排会议|安排通话|约个时间|约时间|约个会|开个会|通话|面谈|当面谈;
        谈谈|聊聊|详谈|沟通一下|购买|采购|签约|签合同|合同发|下单|订购|方案书|提案|商务联系;
        下一步|预算已批|预算已经批|预算批|对接|试点""",
    "intent_void": """客户打电话|客户致电|客户来电|接听来电|来电量|所有来电|来电的|来电自动|打电话给客户;
        给客户打电话|拨打电话|预约系统|电话预约|预约电话|病人预约|患者预约|预约挂号|预约提醒;
        通话记录|通话录音|通话量|价格管理|费用报销|采购部|采购系统|采购经理|客户购买;
        购买记录|不能打电话|报价管理|报价流程|客户预约|自动预约|在线预约|顾客预约""",
    "i_am": "我是|本人是|本人|我在|我负责|担任|作为|我的职位|我管理|我主管|我带领|我叫|我们的",
    "i_am_not": "想|要|学生",
    "we_are": """我们是|我司是|我公司是|本公司是|我们公司是|我司|我公司|本公司|公司是|我们公司|我在;
        我们经营|我们有|我们医院|我们学校|我经营|我开|一家|我们做|我们从事|我们生产""",
    "our": "我们|我司",
    "stop": "客户|为|服务于|卖给|面向",
    "size": """<n> 名|位|个 员工|雇员|职员|正式员工|全职; <n> 人 的 公司|企业|团队|初创; 员工|公司|团队|我们
        (有|共|共有|人数|大约|约|规模|总数|一共|总共) (约|大约|是|为|左右|有) <n> 人|名|位|多人;
        员工数|员工人数|公司规模 (约|是|为) <n>; <n> 人 规模|左右的|公司|团队|的小|企业; <n>
        多人|余人|多名员工|余名员工|多个员工""",
    "size_vague": "<n> 个人",
    "one_person": "个体户|自由职业|一人公司|个人工作室|独自经营|一个人经营",
    "size_void": """客服|销售|坐席|支持|团队|售后|市场 (团队|人员|部|部门|部有|有|共有) (有|共) <n> 人|名|个|位|多人;
        <n> 名|个|位 客服|销售|坐席|接线员|客户|顾客|患者|病人; 每天 <n> 人|个""",
}
