"""Words around and in people's names: titles, suffixes, particles, companies' and jobs' words, East Asian family names."""

from libs.identity.words import word_set

TITLES = word_set(
    """
    mr mister mrs ms miss mx dr drs prof professor herr herrn frau hr fr dipl mag ing dott dottssa dottor avv arch
    geom sig signor signora sra sr srta senor senora señor señora don doña mme mlle monsieur madame mademoiselle
    maître sir madam dame lord lady rev hon capt col gen lt sgt eng engr pan pani pán paní mgr bc inz inż rndr judr
    mudr phdr doc dra dhr mevr mevrouw meneer dna dl bay bayan г-н г-жа господин госпожа κ κα
    """
)
"""In front of a name, without dots; `M.` only with its dot."""
HONORIFIC_ENDINGS = ("先生", "女士", "小姐", "样", "様", "さま", "さん", "殿", "氏", "님", "씨")
SUFFIXES = word_set(
    """
    jr sr jnr snr ii iii iv phd mba msc bsc ma ba md llm llb jd cpa cfa esq dds rn pmp csm mphil dphil frcs meng
    beng fh hons dba ca acca cpacc cissp edd
    """
)
"""Behind a name, without dots."""
PARTICLES = word_set(
    """
    van von vom der den de del della dello di da do das dos du des la le les los las zu zum zur af av ter ten te bin
    ibn bint ben al el ul d' de' vander af dal dalla y e graf freiherr
    """
)
"""Begin a family name; first word of the whole they may be a given name (Van Morrison, Ben Stiller)."""
ONLY_PARTICLES = word_set("von vom der den del della di du des zu zum zur ter ten bin ibn bint al el d' de' de la")
"""Never given names."""
JOINED_GIVEN = word_set("abdul abdel abd abu")
"""Given names go on behind them."""
COMPANY_WORDS = word_set(
    """
    gmbh mbh ag kg ohg ug gbr eg ev inc incorporated ltd limited llc llp lp plc corp corporation company pty pvt bv
    nv sa sas sarl eurl srl spa sl slu lda ltda oy oyj ab aps as asa doo sro zoo kft zrt nyrt ooo оао ооо зао ао ип
    group holding holdings solutions consulting consultants services software systems technologies technology agency
    agentur studio studios labs media digital industries enterprises ventures partners partnership associates
    international global logistics robotics insurance university college hospital clinic klinik praxis kanzlei
    verlag verein stiftung foundation hotel restaurant shop store team department dept abteilung division support
    marketing vertrieb einkauf office buero büro helpdesk reception sekretariat buchhaltung accounting
    purchasing procurement customer kundenservice info admin administrator webmaster hr
    """
)
COMPANY_SIGNS = (
    *("株式会社", "有限会社", "合同会社", "有限公司", "公司", "集团", "주식회사", "(주)", "㈜"),
    *("co.,", "s.a.", "b.v.", "n.v.", "s.r.l", "s.p.a", "sp. z", "d.o.o", "s.r.o", "a.s.", "e.v.", "& co"),
)
STREET_WORDS = word_set(
    """
    street st. str. straße strasse avenue ave. road rd. lane boulevard blvd platz allee rue via calle plaza square
    drive highway straat laan ulica postfach weg
    """
)
SPOKEN_WORDS = word_set(
    """
    i we you the my our please want need call hello hi hallo bonjour hola looking interested demo ich wir bitte
    möchte quote pricing is are have with for und oder je nous
    """
)
"""Words of a sentence. Two of them, and what stands in the field is no name."""
AND = word_set("& and und et y e i + og och ja en")
NOT_PERSONS = word_set(
    """
    team sales support service services customer client clients office info hello contact mail email emails admin
    dept department group desk front back help reply no not do noreply account accounts payable receivable finance
    billing invoice invoices order orders purchasing procurement marketing press media hr human resources people
    talent jobs career careers recruiting recruitment it tech technical engineering dev developer web master
    webmaster site general manager director ceo cto cfo coo head chief boss data protection privacy security legal
    compliance quality logistics shipping warehouse production reception booking bookings reservation reservations
    events event news newsletter shop store online digital north south east west emea apac dach latam global
    international uk us usa eu germany berlin munich london paris hamburg test tester testing user demo guest
    anonymous example sample my your our the dark lord super big one new company business corp hotel school training
    academy project projects partner partners vertrieb einkauf verkauf buchhaltung kundenservice kontakt zentrale
    verwaltung personal abteilung rechnung ventas compras comercial atencion cliente commercial direction compta
    comptabilite ufficio vendite amministrazione first last name firstname lastname real estate main public
    relations abc def xyz asd asdf qwe qwerty foo bar aaa bbb xxx
    """
)
"""Words of mailboxes that belong to nobody alone."""
GIVEN_NAMES = word_set(
    """
    adam adrian agnes aisha alan albert alejandro alex alexander alexandra alexis alice alicia alina amanda amelie
    amir amy ana andre andrea andreas andrei andrew angela anita ann anna anne annette anthony antoine anton antonio
    arthur astrid barbara beatrice ben benjamin bernd bettina bianca birgit boris brian bruno camille carla carlos
    carmen carol caroline catherine chantal charles charlotte chloe chris christian christina christine christoph
    christophe christopher claire clara claudia claus cristina daniel daniela dave david deborah denis dennis diana
    diego dieter dirk dmitri dominik donna dorothea edward elena elisabeth elizabeth ella ellen emil emily emma eric
    erik ernst eva evelyn fabian fatima felix fernando florian francesca francesco francis francois frank franz
    frederic friedrich gabriel gabriele george georg gerd gerhard giovanni giulia gloria greta guillaume gustav
    hannah hannes hans harald harry heike heinz helen helena helene helga henrik henry herbert holger hugo ian igor
    ingrid irene irina isabel isabelle ivan jacek jack jacob jacques jakob james jan jana jane janet jason javier
    jean jeff jennifer jens jessica joachim joana joao joe joerg johan johann johannes john jonas jonathan jorge
    jose josef joseph joshua juan julia julian julie juergen jutta karen karin karl karsten katarina katharina
    kathrin katja kenneth kevin klaus kristina kurt lara lars laura laurent lea lena leo leon linda lisa louis
    louise luc luca lucas lucia luis luisa lukas magdalena manfred manuel marc marcel marco marcus margaret maria
    marie marina mario marion mark markus marta martha martin martina mary mathieu matteo matthew matthias
    maximilian max melanie mia michael michel michele miguel mike mohamed mohammed monica monika moritz nadia nadine
    natalie nathalie nicholas nick nicolas nicole nils nina noah nora norbert olaf olga oliver olivia olivier omar
    oscar pablo pascal patricia patrick paul paula pauline pavel pedro peter petra philip philipp philippe pierre
    piotr rachel rafael rainer ralf rebecca renate ricardo richard rita rob robert roberto roland roman rosa ruth
    ryan sabine sabrina sam samuel sandra sara sarah sebastian sergio simon simone sofia sonja sophia sophie stefan
    stefanie stephan stephanie stephen steve steven susan susanne sven sylvia tanja tatjana teresa theo theresa
    thomas tim timo tobias tom tomas tony ulrich ulrike ursula uwe valentina vanessa vera veronika victor victoria
    viktor vincent vladimir walter werner wilhelm william wolfgang xavier yves yvonne
    """
)
"""Common in Europe and the Americas, in the letters of an address; collected by hand."""
SPANISH_FAMILY = word_set(
    "garcía garcia lópez lopez gómez gomez díaz diaz ruiz moreno muñoz alonso navarro torres ramos gil serrano castro ortiz"
)
"""With those in -ez: the first of two family names, where three words are given."""
RUSSIAN_FAMILY = (
    "ов",
    "ев",
    "ёв",
    "ин",
    "ова",
    "ева",
    "ёва",
    "ина",
    "ский",
    "ская",
    "енко",
    "чук",
    "цький",
    "цька",
    "ко",
)
PATRONYMIC = ("ович", "евич", "овна", "евна", "ична", "івна", "ївна", "йович")
CHINESE_LONG = (
    "欧阳",
    "歐陽",
    "司马",
    "司馬",
    "诸葛",
    "諸葛",
    "上官",
    "皇甫",
    "令狐",
    "慕容",
    "尉迟",
    "公孙",
    "端木",
    "东方",
    "南宫",
)
CHINESE = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭肖蔡潘田董袁于余叶葉蒋蔣杜苏蘇魏程吕呂"
    "丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛闫阎雷龙龍史陶贺賀毛段郝顾顧龚龔邵万萬覃武钱錢戴严嚴莫孔向常"
)
KOREAN_LONG = ("남궁", "황보", "제갈", "선우", "사공", "독고", "동방", "서문")
JAPANESE = word_set(
    """
    佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村
    斎藤 齋藤 清水 山崎 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上
    遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 金子 岡本 藤原 中野 三浦 原田 中川 松田 竹内 小野 田村 中山
    和田 石田 森田 上田 内田 柴田 酒井 宮崎 横山 高木 安藤 宮本 大野 小島 谷口 工藤 今井 高田 増田 丸山
    杉山 村田 大塚 新井 小山 平野 藤本 河野 上野 野口 武田 松井 千葉 岩崎 菅原 木下 久保 佐野 野村 松尾
    市川 菊地 杉本 古川 大西 島田 水野 桜井 高野 吉川 山内 西田 飯田 菊池 西川 小松 北村 安田 五十嵐
    川口 平田 中田 久保田 服部 川崎 岩田 土屋 福島 本田 樋口 秋山 田口 永井
    """
)
"""The family names that most people have, without those of one sign."""
