"""Polish, Czech and Russian; `english.py` says what each key holds."""

POLISH = {
    "n": """jeden=1 jedna=1 jednego=1 dwa=2 dwie=2 dwoch=2 trzy=3 trzech=3 cztery=4 czterech=4 piec=5 pieciu=5 szesc=6
        szesciu=6 siedem=7 siedmiu=7 osiem=8 osmiu=8 dziewiec=9 dziesiec=10 dziesieciu=10 dwanascie=12 pietnascie=15
        dwadziescia=20 trzydziesci=30 czterdziesci=40 piecdziesiat=50 szescdziesiat=60 sto=100 kilka=3 kilku=3 pare=2
        paru=2""",
    "unit": """dzien=1 dni=1 tydzien=7 tygodnia=7 tygodnie=7 tygodni=7 tygodniu=7 miesiac=30 miesiaca=30 miesiace=30
        miesiecy=30 miesiacu=30 kwartal=91 kwartalu=91 kwartaly=91 rok=365 roku=365 lat=365 lata=365 pol=182""",
    "month": """styczen|stycznia|styczniu luty|lutego|lutym marzec|marca|marcu kwiecien|kwietnia|kwietniu
        maj|maja|maju czerwiec|czerwca|czerwcu lipiec|lipca|lipcu sierpien|sierpnia|sierpniu
        wrzesien|wrzesnia|wrzesniu pazdziernik|pazdziernika|pazdzierniku listopad|listopada|listopadzie
        grudzien|grudnia|grudniu""",
    "weekday": """poniedzialek|poniedzialku wtorek|wtorku sroda|srode|srody czwartek|czwartku piatek|piatku
        sobota|sobote|soboty niedziela|niedziele|niedzieli""",
    "season": """wiosna=3 wiosne=3 wiosny=3 lato=6 latem=6 lata=6 wakacje=7 wakacjami=7 wakacji=7 wakacjach=7 jesien=9
        jesienia=9 jesieni=9 zima=12 zime=12 zimy=12 swieta=12 swietami=12 sezonem=6""",
    "span": """w|za|do|przez (ciagu|najblizszych|najblizsze|okolo|maksymalnie|najdalej|najpozniej|jakies)
        (najblizszych) <n> (do|lub) (<n>) (roboczych) <unit>; za <unit>; w ciagu <unit>; (mamy|zostalo) (tylko) <n>
        <unit>; najblizsze|najblizszych <n> <unit>""",
    "next": """przyszly|przyszlym|przyszlego|nastepny|nastepnym|nastepnego|kolejny|kolejnym|nowym <unit>""",
    "this": """tym|tego|ten|biezacym|biezacego|biezacy <unit>""",
    "end": """(do) konca|koncem|koniec|koncu (tego|biezacego) <unit>""",
    "end_next": "konca|koncem przyszlego|nastepnego <unit>",
    "month_at": """w|do|przed|od|na|poczatku|polowy|polowie|koncu|konca|poczatkiem|koncem|z|poczatek|koniec
        (poczatku|poczatkiem|polowy|polowie|koncu|konca|koncem|miesiacu) <month> (<year>)""",
    "weekday_at": "do|w|na|przed|najblizszy|przyszly|we|od (najblizszego|najblizszy|przyszly|ten) <weekday>",
    "season_at": """na|przed|do|w|tego|tej|przyszlego (nadchodzaca|tego|okresie|najblizsza) <season>;
        wiosna|latem|jesienia|zima""",
    "season_after": "po <season>|wakacjach|swietach|lecie",
    "quarter_at": "q <n> (<year>); <ordinal> kwartale|kwartalu|kwartal (<year>); i|ii|iii|iv kwartale|kwartal|kwartalu",
    "ordinal": "pierwszym=1 pierwszego=1 drugim=2 drugiego=2 trzecim=3 trzeciego=3 czwartym=4 czwartego=4",
    "year_at": "w|do|przed|od|na (poczatku|konca|koniec|koncu) (roku) <year>",
    "high": """pilne|pilnie|pilna|pilny|pilnego; na wczoraj|cito|gwalt|juz; jak najszybciej|najpredzej; mozliwie
        szybko|najszybciej; natychmiast|natychmiastowa|natychmiastowo; niezwlocznie|bezzwlocznie; od zaraz; (jeszcze)
        dzis|dzisiaj prosze|jeszcze; jeszcze dzis|dzisiaj; zadzwon*|kontakt*|oddzwon* .. dzis|dzisiaj;
        potrzebujemy|musimy|potrzebuje|potrzebna .. szybko|natychmiast|dzis|dzisiaj|szybkiej; bardzo szybko; od
        wczoraj|rana; dzis rano; nie dziala (od|nic); przestal|przestala|przestalo|przestaly dzialac;
        padl|padla|padlo; awaria|awarie|awarii; do jutra; asap; na jutro; termin goni; pali sie; spieszy sie|nam;
        spieszymy sie""",
    "low": """nie|bez|zadnego|brak (ma|jest|sie|nam|zbyt|az|szczegolnie|zadnego)
        (zadnego|sie|to|tak|nam|szczegolnego|bardzo)
        pospiechu|pilne|pilna|pilny|pilnie|presji|spieszy|spieszymy|cisnienia; niepilne|niepilna; bez
        pospiechu|presji; na spokojnie; spokojnie mozna; kiedys; w dalszej przyszlosci|perspektywie; dlugoterminowo;
        moze poczekac""",
    "exploring": """tylko|jedynie|dopiero (sie|z)
        rozgladam|rozgladamy|orientuje|orientujemy|zbieram|zbieramy|porownuje; tylko|jedynie|dopiero (sie|z)
        porownujemy|ciekawosci|sprawdzam|sprawdzamy|przegladam|informacyjnie; tylko|jedynie|dopiero (sie|z)
        zapoznaje|badamy; tylko|jedynie|dopiero (sie)
        rozgladam*|orientuj*|zbiera*|porownuj*|ciekaw*|sprawdza*|informacyjnie; tylko|jedynie|dopiero (sie)
        przeglada*|badamy; z (czystej|samej) ciekawosci; rozgladamy|rozgladam sie; na etapie rozeznania|poczatkowym;
        wstepne rozeznanie; nic (jeszcze) konkretnego|pewnego; w przyszlosci; pozniej; na pozniej""",
    "medium": """wkrotce; niebawem; niedlugo; (w) najblizszych|najblizszym tygodniach|miesiacach|czasie; w niedalekiej
        przyszlosci; w najblizszej przyszlosci""",
    "void": """pilne|pilnych|pilnymi|pilnego
        zgloszenia|zgloszen|sprawy|maile|wiadomosci|zapytania|tickety|przypadki|telefony|zgloszeniami;
        ktore|co|najbardziej|jak|czy|bardziej|sa .. pilne (sa); wedlug pilnosci; co|kazdy|kazdego|kazdym|raz
        <unit>|<weekday>|rano; klienci .. w ciagu <n> <unit>; jak najszybciej odpowiad*; awarie|awarii
        u|klientow|zglaszaj*; na <unit>; juz od; <n> razy w <unit>""",
    "past": """od|zeszlym|zeszly|zeszlego|ubieglym|ubieglego|ubiegly|ostatnim|ostatni|ostatnio|temu;
        zalozona|zalozony|powstalismy|istniejemy|dzialamy|bylem|bylam|widzialem; zamowienie|faktura|zamowienia|faktury
        nr|numer""",
    "intent": """wycene|wycena|wyceny|wyceny; oferte|oferty; demo|prezentacje|prezentacji|demonstracje|prezentacja;
        ile (to) (by) kosztuje|kosztowaloby|kosztuja|wynosi|placi; jaka|jaki|jakie (jest|bylby|sa|bylaby)
        cena|koszt|ceny|koszty|cennik; cennik|ceny|cene|cena|cennika (za|dla|na|prosze) ; kosztorys; prosze|prosimy
        o (szybki|pilny) kontakt|telefon|rozmowe|oddzwonienie|spotkanie; zadzwon*|oddzwon*|skontakt*;
        umowic|zaplanowac|ustalic|zorganizowac|umowmy .. spotkanie|rozmowe|prezentacje|termin|demo|sie;
        spotkanie|rozmowa|rozmowe z|online|handlowe|telefoniczna|telefoniczne|o;
        wersja|wersje|wersji|okres|konto|dostep
        testowa|testowej|probna|probny|testowy|testowe|probne|testowego|probnej; przetestowac|wyprobowac;
        pilotaz|pilotaz; kupic|zamowic|zakupic; (mozemy|chcialbym|chce|chetnie) porozmawiac; (z)
        (kim|handlowcem|doradca) (moge) porozmawiac; kolejne|nastepne kroki; budzet (jest|mamy) (juz)
        zatwierdzony|zaakceptowany|gotowy; podpisac umowe; umowe do podpisu""",
    "intent_void": """klienci|pacjenci|ludzie|ktorzy|dzwoniacy|osoby .. dzwon*|zadzwon*; nasze oferty; ceny u
        konkurencji""",
    "i_am": """jestem; pracuje jako|w|przy; kieruje|zarzadzam|prowadze|odpowiadam (za); pelnie funkcje; zajmuje sie""",
    "as": "jako",
    "i_am_not": "zainteresowany|zainteresowana|ciekaw|ciekawa|klientem|pod|pewien|na|za|w",
    "i_am_here": "tutaj",
    "we_are": """jestesmy; prowadzimy|produkujemy|mamy|zarzadzamy|zajmujemy; nasza|moja firma to|jest|zajmuje;
        nasz|nasze biuro|zaklad|sklep|firma to; pracuje (w|dla) ; prowadze|mam|zarzadzam;
        dyrektor|dyrektorem|wlasciciel|wlascicielem|wlascicielka|kierownik|kierownikiem|prezes|prezesem|szef|szefem
        firmy|w (firmie); w|dla firmie|naszej|naszym|naszego""",
    "our": "nasz|nasza|nasze|naszej|naszym|moja|moj",
    "stop": "i|ale|ktory|ktora|ktore|bo|dla|szukamy|potrzebujemy|chcemy|poniewaz|z",
    "size": """<n> pracownikow|pracownikami|pracownika|zatrudnionych|osob-zespol|pracownicy|etatow;
        zatrudniamy|zatrudnia (okolo|ponad|ok|prawie) <n>; <n> osobowa|osobowy|osobowym|osobowe
        firma|firme|zespol|startup; firma|zespol|firmie liczy|liczaca|liczacy (okolo) <n>; (firma|zespol) <n>
        osobowa|osobowy; dwuosobowy|dwuosobowa""",
    "size_vague": "<n> osob|osoby|ludzi|osobami",
    "one_person": """jednoosobowa|jednoosobowej|freelancer|freelancerem|freelancerka|samozatrudniony|samozatrudniona;
        wlasna dzialalnosc; prowadze jednoosobowa""",
    "size_void": """zespol|dzial obslugi|wsparcia|sprzedazy|supportu (klienta) (liczy|ma|to) <n> (osob|pracownikow);
        <n> osob dzwoni|czeka|pyta""",
}

CZECH = {
    "n": """jeden=1 jednoho=1 jedna=1 jednu=1 dva=2 dve=2 dvou=2 tri=3 tri=3 ctyri=4 ctyr=4 pet=5 peti=5 sest=6
        sesti=6 sedm=7 osm=8 devet=9 deset=10 deseti=10 dvanact=12 ctrnact=14 ctrnacti=14 patnact=15 dvacet=20
        tricet=30 ctyricet=40 padesat=50 sedesat=60 sto=100 par=3 nekolik=4 nekolika=4""",
    "unit": """den=1 dny=1 dni=1 dnu=1 tyden=7 tydne=7 tydny=7 tydnu=7 mesic=30 mesice=30 mesicu=30 mesici=30
        kvartal=91 kvartalu=91 ctvrtleti=91 rok=365 roku=365 roky=365 let=365 pul=182 tydnech=7""",
    "month": """leden|ledna|lednu unor|unora|unoru brezen|brezna|breznu duben|dubna|dubnu kveten|kvetna|kvetnu
        cerven|cervna|cervnu cervenec|cervence|cervenci srpen|srpna|srpnu zari rijen|rijna|rijnu listopad|listopadu
        prosinec|prosince|prosinci""",
    "weekday": """pondeli|pondelka utery|uterka streda|stredu|stredy ctvrtek|ctvrtka patek|patku sobota|sobotu|soboty
        nedele|nedeli""",
    "season": """jaro=3 jare=3 jara=3 leto=6 lete=6 leta=6 prazdniny=7 prazdninach=7 prazdninami=7 podzim=9 podzimu=9
        zima=12 zimu=12 zimou=12 vanoce=12 vanoci=12 vanocemi=12 sezonou=6""",
    "span": """do|za|behem|v|pres (prubehu|nejblizsich|pristich|zhruba|asi|maximalne|nasledujicich|nejpozdeji)
        (pristich) <n> (az|nebo) (<n>) (pracovnich) <unit>; za|do <unit>; (mame|zbyva|zbyvaji) (jen|uz) <n> <unit>;
        pristich|nejblizsich <n> <unit>""",
    "next": "pristi|pristim|pristiho|dalsi|dalsim|nasledujici|nasledujicim|novem <unit>",
    "this": "tento|tomto|tohoto|tenhle <unit>",
    "end": "(do) konce|konci|koncem|konec (tohoto) <unit>",
    "end_next": "konce|koncem pristiho <unit>",
    "month_at": """v|do|pred|od|na|zacatkem|pulce|polovine|konce|koncem|zacatku|behem|zacatek|konec
        (zacatku|zacatkem|polovine|konce|koncem|konci|polovinou|prubehu) <month> (<year>)""",
    "weekday_at": "do|v|na|pred|pristi|toto|tento|od|ve (pristi|pristiho) <weekday>",
    "season_at": "na|pred|do|pres|behem|letos|pristi (pristi) <season>",
    "season_after": "po <season>|lete|prazdninach|vanocich",
    "quarter_at": "q <n> (<year>); <ordinal> ctvrtleti|kvartalu|kvartal (<year>); <n> kvartal|kvartalu|ctvrtleti",
    "ordinal": "prvnim=1 prvniho=1 druhem=2 druheho=2 tretim=3 tretiho=3 ctvrtem=4 ctvrteho=4",
    "year_at": "v|do|pred|od|behem|na (roce|roku|konce|zacatku) (roku) <year>",
    "high": """nalehave|nalehava|nalehavy|nalehavou; urgentni|urgentne|urgent; akutni|akutne; co nejdrive|nejrychleji;
        ihned|okamzite|okamzita|neprodlene|obratem; specha (to|nam); (jeste) dnes prosim|jeste; jeste dnes;
        zavolejte|ozvete|odpovezte .. dnes|hned|ihned; potrebujeme|musime|potrebuji ..
        rychle|hned|ihned|dnes|okamzite; velmi|co rychle|brzy; od vcerejska|vcera|rana; dnes rano; nefunguje|nefunguji
        (nam) (od|uz|nic|nam) ; spadl|spadla|spadlo (nam); vypadek|vypadl|vypadla|vypadku;
        prestal|prestala|prestalo|prestaly fungovat; asap; do zitra|zitrka; na zitrek|vcera; hori nam""",
    "low": """ne|neni|nema|nemame|bez|zadny|zadna (to|zadny|nijak|to|kam|vubec)
        spech|spechu|nalehave|urgentni|spechat|nalehavost; nespecha (to|nam|to); nikam (to) nespecha*; to (nam)
        (nijak) nespecha; bez spechu; v klidu; nekdy v budoucnu; dlouhodobe; muze pockat; nespechame""",
    "exploring": """(zatim|jen|pouze|jenom) (se|si) (jen|pouze)
        rozhlizim*|rozhlizime|zjistuj*|porovnavam*|orientuj*|zajimam|zvedav*|informuj*|mapuj*; jen|pouze|zatim (se|si)
        (jen) rozhlizime|zjistujeme|porovnavame|informativne|zvedavost|orientujeme|mapujeme; ze|z (ciste|pouhe)
        zvedavosti; informativne; v (rane|pocatecni) fazi; nic konkretniho; zatim nic|neplanujeme; v budoucnu;
        pozdeji; nekdy pozdeji""",
    "medium": """brzy; brzo; v dohledne dobe; (v) nejblizsich|pristich|nasledujicich tydnech|mesicich; (v) nejblizsi
        dobe""",
    "void": """nalehave|urgentni|akutni|nalehavych|urgentnich
        pozadavky|tikety|dotazy|zpravy|pripady|hovory|maily|tiketu|pozadavku|e-maily;
        ktere|co|nejvice|jak|nejvic|ktery .. nalehave|urgentni|specha; podle nalehavosti|priority;
        kazdy|kazde|kazdou|jednou|kazdych <unit>|<weekday>|rano; zakaznici .. do <n> <unit>; <n> krat|krát za|do
        <unit>; stovky|desitky .. za <unit>; za <unit>|den|tyden|mesic|rok""",
    "past": """od|minuly|minule|minulem|minuleho|posledni|poslednim|zalozena|zalozen|vznikli;
        existujeme|byl|byla|videl|loni|lonskem; objednavka|faktura|objednavky|faktury c|cislo""",
    "intent": """nabidku|nabidka|nabidky (cenovou|cenova|na|pro|prosim) ; cenovou|cenova|cenove
        nabidku|nabidka|nabidky; demo|ukazku|prezentaci|predvedeni|ukazka; kolik (to|by|nas) (to|by)
        stoji|stalo|stala|vychazi|zaplatime; jaka|jake|kolik je|jsou|by (byla) cena|ceny|naklady;
        cenik|ceny|cenu|cena|ceniku (za|pro|na|prosim) ; zavolejte|zavolat|zavolate|kontaktujte|ozvete
        (mi|nam|se|prosim) ; prosim|prosime|zadam o kontakt|zavolani|nabidku|kalkulaci|schuzku|hovor;
        kalkulaci|nacenit|naceneni; schuzku|schuzka|hovor|setkani|telefonat (s|domluvit|online|ohledne) ;
        domluvit|naplanovat|sjednat .. schuzku|hovor|demo|termin|ukazku; zkusebni|testovaci|pilotni
        verze|verzi|obdobi|provoz|pristup|ucet|projekt; vyzkouset|otestovat; koupit|objednat|zakoupit;
        promluvit|mluvit si|s (nekym|obchodnikem|vami) ; dalsi kroky|postup; rozpocet (je|mame) (uz|jiz)
        schvaleny|schvalen|pripraven; muzeme si promluvit|zavolat; podepsat smlouvu""",
    "intent_void": "zakaznici|pacienti|lide|kteri|klienti .. vola*|zavolat|dovolat; nase nabidky",
    "i_am": """jsem; pracuji|pracuju jako|v|na|pro; vedu|ridim|vlastnim|spravuji; mam na starosti;
        zodpovidam|odpovidam za; zodpovedny|zodpovedna|odpovedny za; staram se o""",
    "as": "jako",
    "i_am_not": "zvedavy|zakaznik|nadseny|rad|rada|si|na|v",
    "i_am_here": "zde",
    "we_are": """jsme; provozujeme|vyrabime|mame|prodavame|vlastnime; nase|moje firma|spolecnost|organizace je;
        pracuji|pracuju (v|pro|ve) ; vlastnim|vedu|provozuji|mam;
        reditel|reditelka|majitel|majitelka|jednatel|vedouci|manazer|manazerka firmy|v|ve|spolecnosti; v|pro
        firme|nasi|spolecnosti""",
    "our": "nase|nas|nasi|moje|muj|nasem",
    "stop": "ale|ktery|ktera|ktere|protoze|pro|hledame|potrebujeme|chceme|s|se",
    "size": """<n> zamestnancu|zamestnanci|zamestnance|pracovniku|zamestnanych; zamestnavame (asi|pres|zhruba) <n>;
        <n> clenna|clenny|clenne firma|tym|startup; firma|tym|spolecnost o|s <n> (lidech|lidmi|zamestnancich)""",
    "size_vague": "<n> lidi|osob|lide",
    "one_person": "osvc|zivnostnik|zivnostnice|freelancer|jednoclenna; na volne noze; sam na vse",
    "size_void": """<n> lidi|operatoru|agentu|zamestnancu na|v|ve zakaznicke|podpore|podpory|zakaznickem|obchodnim;
        <n> lidi vola|ceka|denne""",
}

RUSSIAN = {
    "n": """один=1 одного=1 одну=1 два=2 две=2 двух=2 три=3 трех=3 четыре=4 четырех=4 пять=5 пяти=5 шесть=6 шести=6
        семь=7 семи=7 восемь=8 восьми=8 девять=9 десять=10 десяти=10 двенадцать=12 четырнадцать=14 пятнадцать=15
        двадцать=20 тридцать=30 сорок=40 пятьдесят=50 шестьдесят=60 сто=100 пару=2 пара=2 несколько=3 нескольких=3
        полгода=182""",
    "unit": """день=1 дня=1 дней=1 неделя=7 неделю=7 недели=7 недель=7 неделе=7 месяц=30 месяца=30 месяцев=30
        месяце=30 квартал=91 квартала=91 квартале=91 год=365 года=365 году=365 лет=365 полугодие=182 полугодии=182""",
    "month": """январь|января|январе февраль|февраля|феврале март|марта|марте апрель|апреля|апреле май|мая|мае
        июнь|июня|июне июль|июля|июле август|августа|августе сентябрь|сентября|сентябре октябрь|октября|октябре
        ноябрь|ноября|ноябре декабрь|декабря|декабре""",
    "weekday": """понедельник|понедельника|понедельнику вторник|вторника|вторнику среда|среду|среды|среде
        четверг|четверга|четвергу пятница|пятницу|пятницы|пятнице суббота|субботу|субботы воскресенье|воскресенья""",
    "season": """весна=3 весной=3 весне=3 весны=3 лето=6 летом=6 лета=6 лету=6 отпусков=7 осень=9 осенью=9 осени=9
        зима=12 зимой=12 зимы=12 праздников=1 праздниками=1 сезона=6 сезону=6""",
    "span": """в|за|через|до|на (течение|ближайшие|ближайших|примерно|следующие|пределах)
        (ближайших|следующих|одной|ближайшие) <n> (до|или) (<n>) (рабочих) <unit>; через|за|течение <unit>;
        (осталось|есть) (всего|только) <n> <unit>; ближайшие|ближайших <n> <unit>; через полгода; <n> <unit>
        осталось""",
    "next": "следующий|следующем|следующего|следующую|следующей|будущем|будущего|новом <unit>",
    "this": "этот|этом|этого|этой|эту|текущем|текущего <unit>",
    "end": "(до) конца|концу|конце (этого|текущего) <unit>",
    "end_next": "конца|концу|конце следующего <unit>",
    "month_at": """в|до|к|с|на|начале|середине|конце|концу|конца|начала|течение|начало|конец
        (начале|начала|середине|середины|конце|концу|конца|началу) <month> (<year>)""",
    "weekday_at": """до|в|к|во|следующий|следующую|ближайший|с|ближайшую (следующий|следующую|ближайший|эту|этот)
        <weekday>""",
    "season_at": """к|до|перед|на|этой|следующей (началу|начала|новогодних|следующей|новым) <season>;
        весной|летом|осенью|зимой; до|перед нового|новым года|годом""",
    "season_after": "после <season>|праздников|отпусков",
    "quarter_at": """q <n> (<year>); <ordinal> квартале|квартал|квартала (<year>); <n> м|ом|ем|й квартале|квартал
        (<year>); i|ii|iii|iv квартале|квартал""",
    "ordinal": "первом=1 первого=1 первый=1 втором=2 второго=2 третьем=3 третьего=3 четвертом=4 четвертого=4",
    "year_at": "в|до|к|с|на (начале|концу|конце|начала|конца) <year>",
    "high": """срочно|срочный|срочная|срочное|срочность|срочная; как можно|можете скорее|быстрее|раньше|быстро;
        немедленно|незамедлительно|безотлагательно; прямо|уже сейчас|сегодня; (уже) вчера нужно; еще сегодня; сегодня
        же; позвон*|перезвон*|связ*|ответ* .. сегодня|срочно; нужно|надо|нужен|нужна|должны|необходимо ..
        быстро|сегодня|сейчас|немедленно; очень|максимально быстро|скоро|срочно; в кратчайшие|сжатые|короткие сроки;
        со вчерашнего; с (самого) утра; с понедельника|вторника|среды|четверга|пятницы (не|лежит) ; сегодня утром; не
        работает|работают|функционирует (с|ничего|уже|вообще) ; упал|упала|упали|лежит|рухнул|рухнула;
        перестал|перестала|перестали|перестало работать; сломалось|сломался|сломалась; горит|горят; авария|аварийно;
        до завтра; к завтрашнему; на завтра; asap; в авральном; сроки горят|поджимают|жмут""",
    "low": """не (так|очень|особо|особенно|сильно|горит|слишком)
        срочно|торопимся|спешим|срочный|срочная|горит|спешу|тороплюсь|торопит|к; не (к) спеху; не горит; без спешки;
        (нет|никакой|никакой) (никакой|особой) спешки|срочности; спешки|срочности|дедлайнов нет; когда нибудь|будет;
        (в) далеком|отдаленном будущем; долгосрочн*; может подождать; терпит; торопиться некуда; некуда торопиться""",
    "exploring": """пока|мы|я (только|лишь|просто) изучаю|изучаем|смотрю|смотрим|присматриваемся|присматриваюсь;
        пока|мы|я (только|лишь|просто) сравниваем|сравниваю|интересуюсь|интересуемся|любопытно|собираем; пока|мы|я
        (только|лишь|просто) знакомимся|прицениваемся|узнать|ознакомиться; просто|только|лишь|пока (просто|только)
        изучаем|изучаю|смотрим|сравниваем|сравниваю|интересуемся|интересуюсь; просто|только|лишь|пока (просто|только)
        любопытно|присматриваемся|смотрю|узнать|ознакомления|собираем; из (чистого) любопытства|интереса; на
        (ранней|начальной) стадии|этапе; ничего (не|пока) (не) решено|планируем|конкретного; на будущее; в будущем;
        позже; для ознакомления""",
    "medium": """скоро; вскоре; в скором времени; (в) ближайшее время; (в) ближайшие|ближайших недели|месяцы|месяцев;
        в обозримом будущем; (в) ближайшем будущем""",
    "void": """срочные|срочных|срочным|срочными
        заявки|обращения|тикеты|запросы|звонки|письма|случаи|вопросы|обращений|заявок|задачи;
        какие|что|наиболее|насколько|самые .. срочные|срочно; по срочности; каждый|каждую|каждое|раз в|всякий (в)
        <unit>|<weekday>|утро|месяц; клиенты .. в течение|за <n> <unit>; как можно скорее отвеч*; скорая|скорой
        помощь|помощи; <n> раз в <unit>; в день|месяц|неделю|год|сутки""",
    "past": """с|прошлый|прошлом|прошлой|прошлую|прошлого|последний|последнем|последние|назад;
        основана|основаны|основан|существуем|был|была|видел|видела|посетил; заказ|счет|заказа номер|n""",
    "intent": """коммерческое предложение; кп; предложение|предложения (по|на|для|с) цене;
        пришлите|вышлите|отправьте|прислать|выслать|получить|направьте ..
        предложение|цены|прайс|стоимость|расчет|кп|счет|договор|расценки|условия;
        прайс|прайс-лист|прайслист|расценки|тарифы; сколько (это|будет|у|нам) стоит|стоят|будет|стоить|обойдется;
        какая|какова|какие|узнать|рассчитать|рассчитайте|подскажите цена|стоимость|цены|тарифы|цену;
        стоимость|цена|цены|цену (на|за|для|подключения|лицензии|внедрения|лицензий) ;
        демо|демонстрацию|презентацию|демонстрация|демоверсию|демонстрации; позвон*|перезвон* (мне|нам|пожалуйста) ;
        свяжитесь|связаться|свяжется (со|с) мной|нами; созвон*|созвониться|встречу|встретиться|встреча;
        назначить|организовать|договориться|запланировать .. встречу|звонок|демо|созвон;
        пробный|тестовый|пробную|тестовую|бесплатный|пробная период|доступ|версию|версия; тестовый доступ;
        протестировать|попробовать|потестировать; пилот|пилотный|пилотного;
        купить|приобрести|заказать|оплатить|подключить; поговорить|пообщаться|обсудить (с)
        менеджером|кем|вами|специалистом; следующие шаги; бюджет (уже|есть|выделен)
        согласован|утвержден|выделен|одобрен|есть; заключить|подписать договор""",
    "intent_void": """клиенты|пациенты|люди|которые|покупатели|абоненты .. звон*|позвон*|дозвон*; клиентам|клиентов
        позвон*; чтобы клиенты""",
    "i_am": """я ; меня зовут; работаю (в|как) ; руковожу|возглавляю|управляю|отвечаю (за); являюсь; как
        (руководитель|директор|основатель|владелец|менеджер); в должности; моя должность; занимаюсь""",
    "as": "jako",
    "i_am_not": """хочу|хотел|хотела|ищу|не|бы|интересуюсь|читал|читала|видел|увидел|думаю|пишу|вижу;
        узнал|прочитал|прочитала|из|заинтересован""",
    "i_am_here": "здесь",
    "we_are": """мы; наша|моя компания|фирма|организация (это) ; наше|мое предприятие|агентство (это) ; я (работаю)
        (в|из) ; работаю в|на; владею|управляю|руковожу; директор|руководитель|владелец|основатель|менеджер|начальник;
        в компании; для нашей|нашего; у нас""",
    "our": "наша|наш|наше|нашей|нашем|моя|мой|нашего",
    "stop": "и|но|которая|который|которые|потому|для|ищем|хотим|нам|с|нужен|нужна",
    "size": """<n> сотрудников|сотрудника|сотрудниками|работников|штатных|сотрудник|сотрудники;
        штат|коллектив|компания|команда (из|насчитывает|около|составляет|на) (около|примерно|более) <n>
        (человек|сотрудников); работает|работают (около|более|примерно) <n> (человек|сотрудников); нас <n>
        (человек)""",
    "size_vague": "<n> человек|человека|людей",
    "one_person": "ип|самозанятый|самозанятая|фрилансер; индивидуальный предприниматель; работаю один|одна",
    "size_void": """<n> операторов|агентов|менеджеров; команда|отдел|служба поддержки|продаж (из) <n>
        (человек|сотрудников); <n> сотрудников|человек в отделе|поддержке|службе|поддержки|колл; <n> человек
        звонят|ждут|в""",
}
