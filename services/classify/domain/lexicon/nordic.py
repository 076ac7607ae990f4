"""Swedish, Danish and Norwegian; `english.py` says what each key holds."""

_MONTHS = """januari|januar|jan februari|februar|feb mars|marts april|apr maj|mai juni|jun juli|jul augusti|august|aug
        september|sep|sept oktober|okt november|nov december|desember|dec|des"""
_WEEKDAYS = """mandag|mandagen tisdag|tirsdag|tisdagen onsdag|onsdagen torsdag|torsdagen fredag|fredagen
        lordag|lordagen sondag|sondagen"""

SWEDISH = {
    "n": """en=1 ett=1 tva=2 tre=3 fyra=4 fem=5 sex=6 sju=7 atta=8 nio=9 tio=10 tolv=12 fjorton=14 femton=15 tjugo=20
        trettio=30 fyrtio=40 femtio=50 sextio=60 attio=80 hundra=100 par=2 nagra=3""",
    "unit": """dag=1 dagar=1 dagarna=1 vecka=7 veckan=7 veckor=7 veckorna=7 manad=30 manaden=30 manader=30
        manaderna=30 kvartal=91 kvartalet=91 ar=365 aret=365 arets=365""",
    "month": _MONTHS,
    "weekday": _WEEKDAYS,
    "season": """var=3 varen=3 pask=4 sommar=6 sommaren=6 semestern=7 host=9 hosten=9 vinter=12 vintern=12 jul=12
        julen=12 sasongen=6""",
    "span": """inom|om|pa (de|den|narmaste|bara|cirka|ca|ungefar|ett|mindre|nagra) (an|narmaste|kommande) <n>
        (till|eller) (<n>) <unit>; narmaste|kommande <n> <unit>; har (bara) <n> <unit>""",
    "next": """nasta|kommande <unit>; det nya aret""",
    "this": """denna|det har|den har|detta|innevarande|i <unit>""",
    "end": """slutet av|pa (denna|detta|innevarande) <unit>; arsskiftet; manadsskiftet; kvartalets slut; (vid|innan)
        arsslutet; fore arets slut; utgangen av <unit>""",
    "end_next": """slutet av|pa nasta <unit>""",
    "month_at": """i|till|fore|innan|senast|fran|borjan|mitten|slutet|under|from|per (borjan|mitten|slutet) (av|i)
        <month> (<year>)""",
    "weekday_at": """pa|till|fore|innan|senast|nasta|nu|kommande (pa|nasta) <weekday>""",
    "season_at": """i|till|fore|innan|under|lagom (till|nasta) <season>""",
    "season_after": "efter <season>|nyar|arsskiftet; over <season>",
    "quarter_at": "q <n> (<year>); kvartal <n> (<year>); <ordinal> kvartalet (<year>)",
    "ordinal": "forsta=1 andra=2 tredje=3 fjarde=4",
    "year_at": "under|fore|innan|fran|till|borjan|slutet|mitten (av) (ar) <year>",
    "high": """bradskande|bradskar|bradska|akut; (det) ar brattom; brattom; sa snart|fort|snabbt som mojligt; snarast
        (mojligt|mojliga); omgaende|omedelbart|genast; idag garna; ring*|svar*|hor*|kontakt* .. idag; i dag
        garna|tack|redan; behover|maste|vill .. snabbt|nu|idag|omgaende|fort; valdigt|mycket|riktigt
        snabbt|snart|fort; sedan igar|imorse|mandag; imorse; ligger|gick|gatt nere|ner; fungerar|funkar inte (langre);
        havererat|kraschat|kraschade; asap; till imorgon; driftstopp""",
    "low": """ingen|inte|utan|inga|aldrig|knappast (nagon|sa|direkt|stor|alls|nagot|speciellt|sarskilt)
        (sarskild|stor) bradska|bradskande|brattom|akut|stress|tidspress|deadline|bratt; bradskar inte|ej;
        inget|inte (alls) stressigt|stressat; vi|jag kollar (bara) laget; ta (er|det)
        (god) tid|lugnt; pa (lang) sikt; i lugn och ro; nagon gang i framtiden; kan vanta""",
    "exploring": """bara|endast|mest (av) nyfiken|nyfikna|titta|tittar|kollar|kolla|undersoker|jamfor|jamfora;
        bara|endast|mest (av) orientera|nyfikenhet|utforskar|utforska|informera|information; vi|jag bara|mest
        kollar|tittar|jamfor|undersoker|utforskar; av (ren) nyfikenhet; tidigt skede; ingenting|inget (ar)
        bestamt|planerat|konkret; langre fram; spara|behall (vara|mina) kontaktuppgifter|uppgifter;
        utforskar|undersoker (vara|olika) alternativ|mojligheter; tittar runt""",
    "medium": """snart; inom kort; (de) kommande|narmaste veckor|veckorna|manader|manaderna; inom en snar framtid""",
    "void": """bradskande|akuta|akut arenden|fragor|mejl|samtal|fall|larm|mail|tickets; hur|vilka|vad|mest|vilket ..
        bradskande|akuta|akut; varje|per|var <unit>|<weekday>|morgon; kunder .. inom <n> <unit>; sa snart
        en|ett|de|vi|kunden; akutmottagning*""",
    "past": """sedan|sen|forra|senaste|grundades|grundat|startade|traffade|sag|deltog|sist|forrige;
        order|faktura|ordernummer""",
    "intent": """offert; demo|demonstration; ring|ringa|ringer|ringas mig|oss|upp|garna|tillbaka; bli
        uppringd|kontaktad|kontaktade|uppringda; vad|hur (mycket) kostar|kostnaden|kosta|ligger|ar (priset|det);
        prisuppgift|prislista|prisforslag|priser|pris|prisinformation|kostnadsforslag (pa|for|garna|per) ;
        mote|mota|samtal|avstamning med|for; boka|bokar|planera|traffas .. mote|demo|tid|samtal|genomgang;
        provperiod|testperiod|pilot|pilotprojekt; gratis test*|prova; testa|prova
        er|det|gratis|systemet|losningen|tjansten; prata|tala med (en|nagon|saljare|er); kan vi|ni
        prata|ses|horas|boka|visa|ringa; kontakta|hor av (er|mig|oss); kopa|bestalla|teckna; nasta steg; budget* (ar)
        godkand|klar|beviljad|finns; visa oss|mig; skicka|skickar .. avtal|pris|priser|forslag""",
    "intent_void": """kunder|kunderna|patienter|folk|som|gaster|manga .. ring*; nar|om de|kunder ringer; vara
        offerter""",
    "i_am": """jag ar; jag jobbar|arbetar som|med|pa|inom; jag leder|driver|ager|ansvarar|chefar; (jag) ansvarig for;
        i min roll som; heter""",
    "as": "som",
    "i_am_not": "intresserad|nyfiken|inte|ute|pa|kund|osaker|sugen",
    "i_am_here": "har",
    "we_are": """vi ar; vi driver|har|tillverkar|saljer|bygger|producerar|utvecklar|ager; jag jobbar|arbetar
        (pa|for|i) ; jag driver|ager; vart foretag|bolag ar; var organisation|verksamhet|firma ar;
        (chef|vd|agare|ansvarig|grundare|kundtjanstchef) pa|for|i (ett|en|vart|var) ; pa|i|for ett|en|vart|var""",
    "our": "var|vart|vara|min|mitt",
    "stop": "och|men|som|for|med|soker|vill|behover|eftersom",
    "size": """<n> anstallda|medarbetare|medarbetarna|kollegor|heltidsanstallda|anstalld; <n> personers|mans|manna
        (foretag|bolag|byra|team) ; team|bolag|foretag|byra pa|med (cirka|ca|runt|omkring) <n> (personer)""",
    "size_vague": "<n> personer|man|manniskor",
    "one_person": "enskild firma; egenforetagare|frilans|frilansare|enmansforetag|enmansforetagare; ensam i foretaget",
    "size_void": """<n> personer|anstallda|medarbetare|agenter i|pa|inom (var|vart)
        supporten|kundtjansten|kundtjanst|kundservice|support|saljteamet|saljare|teamet; supportteam|kundtjanst|team
        (pa|med) <n> (personer|agenter) ; <n> personer ringer|vantar""",
}

_DANO = {
    "month": _MONTHS,
    "weekday": _WEEKDAYS,
    "next": "naeste|neste|kommende <unit>; det nye aret",
    "season_after": "efter|etter <season>|nytar|nyttar|arsskiftet; over <season>",
    "quarter_at": "q <n> (<year>); <ordinal> kvartal (<year>); <n> kvartal (<year>); kvartal <n>",
    "ordinal": "forste=1 andet=2 andre=2 tredje=3 fjerde=4",
    "span": """inden|innen|om|i|pa (for|de|den|naeste|neste|et|ca|cirka|kun|bare|under|lobet)
        (av|af|naeste|kommende|neste) (de) (naeste|kommende|neste) <n> (til|eller) (<n>) <unit>; naeste|neste|kommende
        <n> <unit>; har (kun|bare) <n> <unit>; lobet|lopet av|af (de) (naeste|neste) <n> <unit>""",
    "this": "denne|dette|indevaerende|innevaerende|i <unit>",
    "end": """slutningen|udgangen|utgangen|slutten|afslutningen|enden af|av (dette|denne) <unit>;
        arsskiftet|arsskifte|arets udgang|arets utgang; manedsskiftet; inden|innen|for arets|manedens|kvartalets
        udgang|utgang|slutning|slutt; for|inden|innen nytar|nyttar|arsslutt""",
    "end_next": "slutningen|slutten|udgangen|utgangen af|av naeste|neste <unit>",
    "month_at": """i|til|inden|innen|for|senest|fra|begyndelsen|starten|midten|slutningen|slutten|medio|ultimo|primo|rundt
        (slutningen|starten|den|midten|slutten|begynnelsen|utgangen|udgangen) (af|av) <month> (<year>)""",
    "weekday_at": """pa|til|inden|innen|for|senest|naeste|neste|forstkommende|kommende (pa|pafolgende) <weekday>;
        <weekday> senest""",
    "season_at": "til|inden|innen|for|i|under (til|naeste|neste) <season>",
    "year_at": "i|for|inden|innen|fra|til|lopet|starten|slutten|slutningen (av|af) <year>",
    "high": """haster (meget|virkelig|veldig); hastesak|hastesag|haster|haste; sa hurtigt|raskt|snart|fort som
        mulig|muligt; hurtigst|snarest|raskest mulig|muligt; snarest;
        omgaende|omgaende|straks|ojeblikkeligt|umiddelbart|omgaende|oyeblikkelig; (allerede) i dag
        gerne|gjerne|takk|tak; hjelp|hjaelp|ring*|svar*|kontakt*|snakk* .. i dag; akut|akutt;
        (meget|veldig|rigtig|ganske) hurtigt|raskt|snart; siden i gar|morges; er|ligger|gikk|gar|gik nede|ned;
        virker|fungerer ikke (lenger|laengere); brudt|brutt sammen; krasjet|nedbrud|nedetid; asap;
        tidsnod|tidspress""",
    "low": """ingen|ikke|uten|uden|aldri (noe|noget|saerlig|noen|sa|stort|alls|som|nogen|spesielt|den) (saerlig|store)
        hast|hastverk|hastvaerk|haster|travlt|stress|tidspress|deadline|bratt|bratthastende|hastende|tidspres; haster
        ikke|ikkje; har (god|ikke) tid|hast|hastverk; ta dere|jer (god) tid; pa (lang|lengre|laengere) sigt|sikt; kan
        vente; i ro og mak; en gang i fremtiden""",
    "exploring": """bare|kun|mest (av|af|ren|for)
        nysgjerrig|nysgerrig|nysgjerrige|nysgerrige|kikke|kigge|kigger|kikker; bare|kun|mest (av|af|ren|for)
        ser|undersoger|undersoker|undersoke|sammenligner|orienterer|orientere; bare|kun|mest (av|af|ren|for)
        nysgjerrighet|nysgerrighed|utforsker|se|info|information; av|af (ren) nysgjerrighet|nysgerrighed;
        tidlig|tidligt fase|stadie|stadium; intet|ingenting|ikke noget|noe (er) besluttet|bestemt|planlagt|konkret;
        senere (hen); pa et (senere|tidspunkt); utforsker|undersoger|undersoker
        muligheder|muligheter|alternativer|markedet; ser|kikker|kigger (oss|os) (bare) (om|rundt|litt); gem|behold
        (vores|vare) kontaktoplysninger|kontaktinfo""",
    "medium": """snart; om kort tid; inden|innen laenge|lenge; (de) kommende|naeste|neste
        uker|uger|maneder|manedene|ukene|ugerne; i naer fremtid; i naermeste|naermeste fremtid""",
    "void": """akutte|hastende|presserende henvendelser|saker|sager|mails|opkald|samtaler|tickets|eposter|e-poster;
        hva|hvad|hvilke|mest|hvor|om .. haster|akutt|akut|hastende (mest); hver|hvert|pr|per <unit>|<weekday>|morgen;
        kunder .. inden|innen <n> <unit>; sa snart en|et|de|vi|kunden; legevakt*; hastegrad; i dag
        bruker|bruger|har|bruges|gjor|gor|svarer""",
    "past": """siden|sidste|forrige|siste|stiftet|grundlagt|etablert|etableret|startede|startet|modte|deltok|deltog;
        ordre|faktura|ordrenummer; i fjor""",
    "intent": """tilbud (pa|til|fra|for) ; pristilbud; demo|demonstrasjon|demonstration; ring|ringe|ringer|ringes
        (til) meg|mig|oss|os|tilbage|tilbake|gjerne|gerne|op|opp; kontakt|kontakte meg|mig|oss|os; bli|blive
        kontaktet|ringt; hva|hvad|hvor (mye|meget|vil) koster|kostar|prisen|koste|er (prisen|det);
        pris|priser|prisliste|prisoverslag|prisen (pa|for|pr|per|til) ; mode|mote|samtale|videomode|videomote
        med|om; book|booke|bestille|aftale|avtale|arrangere .. mode|mote|demo|tid|samtale|gjennomgang;
        proveperiode|prove|proveversjon|pilot|pilotprosjekt|pilotprojekt; gratis prove*|test*; teste|proeve|afprove
        det|jeres|losningen|systemet|gratis; snakke|tale|snakk (med) en|noen|nogen|selger|saelger|dere|jer; kan
        (vi|dere|i) snakke|tale|modes|motes|vise|ringe|booke; kjope|kobe|bestille; naeste|neste skridt|steg;
        budget*|budsjett* (er) godkendt|godkjent|pa|klar|afsat; vise oss|os|meg|mig; send|sende ..
        avtale|aftale|kontrakt|tilbud|priser""",
    "intent_void": """kunder|kundene|kunderne|pasienter|patienter|folk|som|der|gjester|mange .. ring*; nar de|kunder
        ringer; vare tilbud""",
    "i_am": """jeg er; jeg arbejder|jobber|arbeider som|med|pa|i; jeg leder|driver|eier|ejer|styrer; (jeg) ansvarlig
        for; i min rolle som; har ansvar|ansvaret for""",
    "as": "som",
    "i_am_not": "interessert|interesseret|nysgjerrig|nysgerrig|ikke|ute|pa|kunde|usikker|i",
    "i_am_here": "her",
    "we_are": """vi er; vi driver|har|produserer|producerer|selger|saelger|bygger|utvikler|eier|ejer; jeg
        jobber|arbejder|arbeider (i|pa|for|hos) ; jeg driver|eier|ejer; vores|var
        firma|virksomhed|virksomhet|bedrift|selskab|selskap er;
        (leder|direktor|eier|ejer|sjef|chef|ansvarlig|grunder|gründer) i|pa|for|hos|af|av (et|en|vores|var) ;
        i|pa|for|hos et|en|vores""",
    "our": "var|vart|vores|vare|min|mitt|vort",
    "stop": "og|men|som|der|for|med|soker|soger|vil|trenger|onsker|fordi",
    "size": """<n> ansatte|medarbejdere|medarbeidere|kolleger|fuldtidsansatte|arsverk|ansat; <n> personers|mands|manns
        (firma|virksomhed|bedrift|bureau|byra|team) ; team|firma|virksomhed|selskap|bedrift pa|med
        (ca|cirka|omkring|rundt) <n> (personer|mand|mennesker)""",
    "size_vague": "<n> personer|mennesker|mand",
    "one_person": """enkeltmandsvirksomhed|enkeltpersonforetak|freelancer|frilanser|enkeltmannsforetak|selvstaendig;
        selvstendig naeringsdrivende; kun|bare meg|mig""",
    "size_void": """<n> ansatte|personer|medarbejdere|medarbeidere|agenter|mennesker i|pa
        kundeservice|support|supporten|kundesenter|kundeservicen|salg|salgsteamet|teamet; <n> personer
        ringer|venter""",
}

DANISH = {
    **_DANO,
    "n": """en=1 et=1 to=2 tre=3 fire=4 fem=5 seks=6 syv=7 otte=8 ni=9 ti=10 tolv=12 fjorten=14 femten=15 tyve=20
        tredive=30 fyrre=40 halvtreds=50 tres=60 firs=80 hundrede=100 par=2 fa=3""",
    "unit": "dag=1 dage=1 uge=7 ugen=7 uger=7 maned=30 maneden=30 maneder=30 kvartal=91 kvartalet=91 ar=365 aret=365",
    "season": """forar=3 foraret=3 paske=4 sommer=6 sommeren=6 sommerferien=7 efterar=9 efteraret=9 vinter=12
        vinteren=12 jul=12 julen=12 saesonen=6""",
}

NORWEGIAN = {
    **_DANO,
    "n": """en=1 et=1 ett=1 to=2 tre=3 fire=4 fem=5 seks=6 sju=7 syv=7 atte=8 ni=9 ti=10 tolv=12 fjorten=14 femten=15
        tjue=20 tretti=30 forti=40 femti=50 seksti=60 atti=80 hundre=100 par=2 noen=3""",
    "unit": """dag=1 dager=1 uke=7 uken=7 uka=7 uker=7 maned=30 maneden=30 maneder=30 kvartal=91 kvartalet=91 ar=365
        aret=365""",
    "season": """var=3 varen=3 paske=4 sommer=6 sommeren=6 ferien=7 host=9 hosten=9 vinter=12 vinteren=12 jul=12
        julen=12 sesongen=6""",
}
