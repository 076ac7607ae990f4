"""German and Dutch; `english.py` says what each key holds."""

GERMAN = {
    "n": """ein=1 eine=1 einem=1 einer=1 einen=1 zwei=2 drei=3 vier=4 funf=5 fuenf=5 sechs=6 sieben=7 acht=8 neun=9
        zehn=10 elf=11 zwolf=12
        vierzehn=14 funfzehn=15 zwanzig=20 dreissig=30 vierzig=40 funfzig=50 sechzig=60 achtzig=80 hundert=100 paar=3
        wenigen=3 einigen=4 zweikopfig=2 dreikopfig=3 zweikopfiges=2 dreikopfiges=3 vierkopfiges=4 funfkopfiges=5""",
    "unit": """tag=1 tage=1 tagen=1 werktagen=1 arbeitstagen=1 woche=7 wochen=7 kw=7 monat=30 monate=30 monats=30
        monaten=30 quartal=91 quartals=91 quartale=91 jahr=365 jahre=365 jahres=365 jahren=365 halbjahr=182
        halbes=182""",
    "month": """januar|janner|jan februar|feber|feb marz|maerz|mrz april|apr mai juni|jun juli|jul august|aug
        september|sept|sep oktober|okt november|nov dezember|dez""",
    "weekday": "montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag",
    "season": """fruhjahr=3 fruhling=3 ostern=4 sommer=6 sommers=6 sommerferien=7 herbst=9 winter=12 weihnachten=12
        weihnachtsgeschaft=11 jahreswechsel=12 fruhjahrs=3 hochsaison=6""",
    "span": """in|innerhalb|binnen|innert (von|den|der) (nachsten|kommenden)
        (etwa|ca|rund|ungefahr|einem|spatestens|nur|weniger|als) (als) <n> (bis|oder) <unit>; in den
        nachsten|kommenden (<n>) <unit>; <n> <unit> zeit; (nur) noch <n> <unit>; in <n> bis <n> <unit>; in einem
        halben jahr; haben <n> <unit>""",
    "next": """nachste|nachsten|nachster|nachstes|kommende|kommenden|kommender|kommendes|folgenden <unit>; neuen|neues
        <unit>""",
    "this": """diese|dieser|diesen|dieses|diesem|laufenden|laufende (noch) <unit>; heuer""",
    "end:30": "bis|zum|vor|vorm (zum|dem) monatsende",
    "end:91": "bis|zum|vor|vorm (zum|dem) quartalsende",
    "end:365": "bis|zum|vor|vorm|vom|dem (zum|dem) jahresende|jahreswechsel",
    "end": """ende (des|der|dieses|dieser|diesen|laufenden) <unit>; zum <unit> ende; ende der woche""",
    "end_next": """ende (des|der) nachsten|kommenden <unit>""",
    "month_at": """im|bis|vor|ab|zum|anfang|mitte|ende|nach|spatestens|fur|start
        (im|zum|anfang|mitte|ende|in|der|den|dem) (monat) <month> (<year>); <month>
        start|termin|starten|live|beginnen; lauft im|zum <month>""",
    "weekday_at": """bis|am|nachsten|nachster|kommenden|diesen|vor|spatestens|zum|ab
        (zum|am|kommenden|nachsten|diesen|nachster) <weekday>; ist <weekday>""",
    "season_at": """im|bis|vor|zum|ab|zu|uber|fur|rechtzeitig|diesen|nachsten
        (zum|dem|der|den|vor|kommenden|nachsten|das) <season>; vor|vorm (der|dem)
        saison|ferien|feiertagen|hochsaison""",
    "season_after": """nach (dem|den|der) <season>; nach den|der ferien|urlaubszeit""",
    "quarter_at": """q <n> (<year>); <ordinal> quartal (<year>); <n> quartal (<year>)""",
    "ordinal": "ersten=1 erstes=1 zweiten=2 zweites=2 dritten=3 drittes=3 vierten=4 viertes=4",
    "year_at": """bis|ab|im|fur|vor|anfang|mitte|ende|laufe (ende|anfang|mitte|jahr|des) (jahr|jahres) <year>""",
    "high": """dringend|dringende|dringender|dringendst|dringendes; dringlich|dringlichkeit;
        eilt|eilig|eiliges|eilige; so schnell wie moglich; (so) bald wie moglich;
        schnellstmoglich|schnellstmoglichst|schnellstens|baldmoglichst|baldigst; sofort|sofortige
        hilfe|losung|starten|los|unterstutzung|ab|verfugbar; ab sofort; umgehend|umgehende|unverzuglich;
        heute noch; noch heute; bis heute|morgen; rufen|ruf|melden|antworten .. heute|sofort; heute
        zuruck*|anrufen|melden|sprechen; brennt; notfall; asap; brauchen|brauche|benotigen|mussen|muss|suchen ..
        schnell|rasch|sofort|kurzfristig|heute; sehr|ganz schnell|kurzfristig|rasch; kurzfristig;
        seit gestern|heute|montag|dienstag|mittwoch|donnerstag|freitag|wochenende|samstag|sonntag ; seit heute
        morgen|fruh; ausgefallen; fallt gerade|seit|aus; zusammengebrochen; funktioniert|geht|lauft (seit)
        (gestern|heute|nichts) nicht|nichts (mehr); nichts geht mehr; steht still; unter zeitdruck; zeitdruck ist;
        keine zeit (mehr|zu); akut|akute|akuter; fristende; morgen fallig; heute ausgefallen; so rasch wie|als
        moglich; druckt; gestern schon; eigentlich gestern; explodiert""",
    "low": """kein|keine|keinen|keinerlei|ohne|nicht
        (besonderen|grossen|grosse|besondere|konkreten|konkrete|wirklichen|aktuellen)
        eile|zeitdruck|zeitnot|hektik|stress|druck|termindruck|dringlichkeit; nicht
        (so|wirklich|besonders|gerade|sehr|sonderlich|allzu|weiter) dringend|eilig|dringlich|pressant; eilt
        (uns|bei|es|also|aber|das) (uns) nicht; nicht eilt; drangt nicht|nichts; hat (noch) (viel|also|keine) zeit;
        haben (noch|keine) (viel|genug) zeit; lassen sie sich (ruhig) zeit; in (aller) ruhe; irgendwann; langfristig;
        wenn sie zeit haben; pressiert nicht; brennt (noch) nicht; nichts brennt; in ferner zukunft; fruhestens
        nachstes|im nachsten|kommenden jahr""",
    "exploring": """(wir|ich) (informiere|informieren|vergleiche|vergleichen|schaue|schauen) (ich|wir) (mich|uns)
        (zunachst|erst|erstmal|vorerst|momentan|derzeit|einfach|mal|aktuell|im|moment) (mal)
        nur|lediglich|bloss|unverbindlich|erstmal|erst; (wir|ich)
        (orientiere|orientieren|sehe|sehen|sammle|sammeln|mochte|mochten|wollte) (ich|wir) (mich|uns)
        (zunachst|erst|erstmal|vorerst|momentan|derzeit|einfach|mal|aktuell|im|moment) (mal)
        nur|lediglich|bloss|unverbindlich|erstmal|erst; (wir|ich) (wollten) (ich|wir) (mich|uns)
        (zunachst|erst|erstmal|vorerst|momentan|derzeit|einfach|mal|aktuell|im|moment) (mal)
        nur|lediglich|bloss|unverbindlich|erstmal|erst; nur|rein zur
        information|orientierung|interessehalber|informativ|neugier|neugierig; nur|rein zur
        interesse|mal|informieren|umschauen; unverbindlich informieren|umschauen; (aus) reiner neugier; aus neugier;
        erst am anfang; ganz am anfang; noch nichts|nicht konkretes|geplant|konkret|entschieden; in den verteiler;
        spater (mal|einmal); vergleichen|uberlegen .. nur; uberlegen|vergleichen|informieren zunachst|erst;
        marktuberblick; vorab informieren; verschaffen uns .. uberblick; sondieren; fur die zukunft""",
    "medium": """bald|demnachst|zeitnah|zeitnahe|in kurze; in nachster zeit; in absehbarer zeit; (in) (den)
        nachsten|kommenden wochen|monaten; mittelfristig; rechtzeitig vor|zum|zu""",
    "void": """dringende|dringenden|dringend|dringlichen|dringliche|eilige|eiligen|dringender
        ticket|tickets|anfragen|anrufe|falle|mails|fallen|anliegen|nachrichten;
        dringende|dringenden|dringend|dringlichen|dringliche|eilige|eiligen|dringender
        auftrage|e-mails|themen|ticketen|anrufen|reklamationen|patienten;
        dringende|dringenden|dringend|dringlichen|dringliche|eilige|eiligen|dringender bestellungen;
        wie|besonders|welche|ob|was|ist|wirklich .. dringend|dringlich|eilig ist|sind|sein; dringlichkeit
        von|der|erkennen|sortieren|automatisch|und|priorisi*; nach dringlichkeit|prioritat; notfall*
        nummer|dienst|handwerker|hotline|aufnahme|ambulanz; notfalle; jeden|jede|pro|jedes <unit>|<weekday>|morgen;
        kunden .. innerhalb|binnen|in <n> <unit>; sofort|umgehend beantwort*|reagier*|sieht|erkenn*|sehen|antwort*;
        sobald; eilauftrag*; einmal|zweimal (im|pro) <unit>; nicht nur; wegen dringend*; nicht sofort""",
    "past": """seit|letzte|letzten|letzter|letztes|letztem|vergangene|vergangenen|vergangenes|gegrundet|grundung|vorige|vorigen;
        voriger|voriges; vor <n> jahr|jahren|monaten|wochen|tagen;
        bestehen|existieren; besucht|gesehen|gehort|getroffen; im jahr|jahre;
        rechnung|auftrag|bestellung|auftragsnummer|bestellnummer|rechnungsnummer nr|nummer|vom""",
    "intent": """angebot|kostenvoranschlag|preisangebot|angebots|angebote;
        vorfuhrung|demo|demotermin|livedemo|vorstellung|produktdemo|demonstration;
        termin|gesprachstermin|erstgesprach|beratungsgesprach|telefontermin
        vereinbaren|machen|ausmachen|mit|fur|zum|bitte|haben|bekommen|moglich|anbieten|buchen|finden;
        kennenlerngesprach|beratungstermin
        vereinbaren|machen|ausmachen|mit|fur|zum|bitte|haben|bekommen|moglich|anbieten|buchen|finden; ruckruf;
        (bitte) zuruckrufen|anrufen|zuruckzurufen|anzurufen; rufen sie (mich|uns|bitte|gerne); ruf* .. mich|uns
        (an|zuruck); was kostet|kosten|wurde; wie teuer|viel kostet|kosten|wurde|ist;
        preis|preise|preisliste|preisinfo|preisinformationen|preismodell
        (fur|pro|bitte|zukommen|schicken|senden|nennen|erfahren|und|von|ab|liegt|liegen|bei|einer|ihrer);
        konditionen|kosten|lizenzkosten|preisauskunft
        (fur|pro|bitte|zukommen|schicken|senden|nennen|erfahren|und|von|ab|liegt|liegen|bei|einer|ihrer);
        testzugang|testversion|testphase|testlauf|probezugang|teststellung|pilotprojekt;
        probezeit|testaccount|pilot|pilotphase|testmonat; kostenlos* test*|probier*; testen
        konnen|durfen|wir|mochten|ob; mochten|mochte|wollen|wurden|wurde|konnen|konnte|durfen|wir ..
        testen|ausprobieren|kaufen|bestellen|buchen|abschliessen; mit .. vertrieb|berater|verkaufer|ansprechpartner
        sprechen|telefonieren; sprechen konnen|durfte; kaufbereit; nachste|nachsten schritte; vertrag;
        melden|meldet|meldung .. bei mir|uns|bitte; bitte .. melden|kontaktieren|um|kontaktaufnahme; kontaktieren sie
        mich|uns; budget (ist|wurde|liegt|steht) (bereits|schon)
        da|vorhanden|genehmigt|freigegeben|bewilligt|eingeplant|bereit; zeigen sie|konnen|mir|uns; vorfuhren|zeigen
        lassen; beispielanruf; wen kann|konnen|muss|darf; telefonieren wir|konnen; lassen sie uns
        (telefonieren|sprechen|reden)""",
    "intent_void": """kunden|anrufer|patienten|gaste|menschen|leute|die|alle .. rufen|anrufen|angerufen; mitarbeiter
        .. ruckruf; termine|anrufe|anrufen|preise automatisch|buchen|im|unserer|mehr|pro;
        den|einen|unseren|der|laufenden|bestehenden|alten|jetzigen|unser vertrag; vertrag lauft|mit|endet|auslauft;
        neue angebote""",
    "i_am": """ich bin (als|hier|bei|der|die|unser|unsere); ich arbeite|arbeite als|im|in|bei|fur; ich
        leite|verantworte|fuhre|steuere|betreue|manage|besitze; mein name ist; verantwortlich|zustandig (bin) (ich)
        fur; ich kummere mich um; in meiner funktion|rolle als; meine position ist; bin ich; bin hier""",
    "as": "als",
    "i_am_not": """an einer|einem|der|dem|ihrem|ihrer|ihren;
        auf|interessiert|sehr|mir|nicht|neugierig|suche|dabei|gespannt|begeistert|am|uber;
        auch|erst|alternative|erstes|ersatz|ergebnis|losung|kunde""",
    "i_am_here": "hier",
    "we_are": """wir sind; wir als; wir
        betreiben|fuhren|haben|produzieren|fertigen|stellen|bauen|entwickeln|vertreiben|vermieten|verwalten; (ich|wir)
        arbeite|arbeiten (bei|fur|in|im) ; ich betreibe|fuhre|leite|besitze; unser|unsere|mein|meine
        unternehmen|firma|betrieb|gesellschaft|organisation ist ;
        (geschaftsfuhrer|inhaber|leiter|leiterin|inhaberin|mitarbeiter|mitarbeiterin|chef|chefin|grunder) (in|bei|von)
        einer|eines|einem|eine; bei einem|einer|unserer|unserem; fur unser|unsere|unseren; in einem|einer""",
    "our": """unser|unsere|unserer|unserem|unseren|unseres|mein|meine|meiner|meinem""",
    "stop": """und|aber|die|das|weil|denn|fur|suchen|brauchen|mochten|wollen|mit|welche;
        deren|dessen|sowie|beliefern|nutzen|suche|brauche""",
    "size": """<n> (fest|vollzeit) (angestellte)
        mitarbeiter|mitarbeitende|mitarbeitenden|mitarbeitern|mitarbeiterinnen; <n> (fest|vollzeit) (angestellte)
        beschaftigte|beschaftigten|angestellte|angestellten|kollegen; <n> (fest|vollzeit) (angestellte)
        kolleginnen|ma|vollzeitkrafte|vollzeitstellen|arbeitnehmer|fte; <n> mann|personen|leute|kopfe
        betrieb|unternehmen|firma|team|startup|start|agentur; <n> kopfig|kopfige|kopfiges|kopfigen; <n>
        startup|start|team|unternehmen|firma|betrieb|buro|agentur; mitarbeiterzahl|belegschaft
        (von|liegt|umfasst|ist|bei) (bei|etwa|ca|rund) <n>; beschaftigen|beschaftigt
        (etwa|rund|ca|circa|knapp|uber|derzeit|aktuell) <n>; zu zweit|dritt|viert|funft""",
    "size_vague": """<n> leute|personen|menschen|kopfe|mann""",
    "one_person": """einzelunternehmer|einzelunternehmerin|einzelunternehmen;
        selbststandig|selbststandiger|selbstandig|freiberufler;
        freiberuflerin|freiberuflich|solo-selbststandig|einmannbetrieb|ein-mann-betrieb;
        solopreneur|soloselbststandige;
        ein mann betrieb; ganz alleine|allein""",
    "size_void": """<n> mitarbeiter|mitarbeitern|leute|personen|mitarbeitende|kollegen|mann|kopfiges|kopfige
        im|in|des|unseres|unserem (unserem|unserer|der)
        support*|service*|kundenservice|kundendienst|vertrieb*|callcenter; <n>
        mitarbeiter|mitarbeitern|leute|personen|mitarbeitende|kollegen|mann|kopfiges|kopfige im|in|des|unseres|unserem
        (unserem|unserer|der) verkauf|marketing|it|innendienst|aussendienst|hotline|team;
        supportteam|serviceteam|vertriebsteam|team (mit|aus|von|hat) <n>
        (leuten|personen|mitarbeitern|mitarbeiter|agenten|leute); <n> agenten|supporter|vertriebler|filialen; <n>
        leute rufen|warten|pro|am|schreiben""",
}

DUTCH = {
    "n": """een=1 twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 twaalf=12 veertien=14 vijftien=15
        twintig=20 dertig=30 veertig=40 vijftig=50 zestig=60 tachtig=80 honderd=100 paar=3 enkele=3""",
    "unit": "dag=1 dagen=1 werkdagen=1 week=7 weken=7 maand=30 maanden=30 kwartaal=91 kwartalen=91 jaar=365 jaren=365",
    "month": """januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sept
        oktober|okt november|nov december|dec""",
    "weekday": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "season": """voorjaar=3 lente=3 zomer=6 zomervakantie=7 herfst=9 najaar=9 winter=12 kerst=12 pasen=4 hoogseizoen=6
        feestdagen=12""",
    "span": """binnen|in|over (de) (komende|volgende) (nu|een|ongeveer|zo|ca|circa) <n> (tot|a|of) <unit>;
        (nog|hebben) (maar|slechts) <n> <unit>; komende <n> <unit>""",
    "next": """volgende|volgend|komende|komend <unit>; (het) nieuwe jaar""",
    "this": """deze|dit|lopende <unit>""",
    "end": """eind|einde (van) (de|het|deze|dit|lopende) <unit>; jaareinde; kwartaaleinde""",
    "end_next": """eind|einde (van) volgende|volgend <unit>""",
    "month_at": """in|voor|vanaf|tegen|begin|half|medio|eind|per|uiterlijk|na|tot|rond (begin|eind|in|half|medio|van)
        <month> (<year>)""",
    "weekday_at": """voor|op|aanstaande|komende|volgende|uiterlijk|tot|vanaf|deze|tegen (aanstaande|komende|volgende)
        <weekday>""",
    "season_at": """in|voor|tegen|rond|met|dit|deze|komende (de|het|komende) <season>""",
    "season_after": """na (de|het) <season>""",
    "quarter_at": """q <n> (<year>); <ordinal> kwartaal (van) (<year>); <n> e kwartaal""",
    "ordinal": "eerste=1 tweede=2 derde=3 vierde=4",
    "year_at": """voor|vanaf|tot|in|begin|eind|medio (het|begin|eind|van) (jaar) <year>""",
    "high": """dringend|dringende; (met) spoed; spoedig mogelijk; haast hebben|geboden; urgent|urgente; zo
        snel|spoedig (als) mogelijk; asap; direct|meteen|onmiddellijk nodig|hulp|contact|beginnen|starten; (graag)
        onmiddellijk; bel|reageer|antwoord|contact .. vandaag; vandaag nog; nog vandaag; morgen al; snel nodig|hulp;
        nodig .. snel|vandaag|direct; moet|moeten .. snel|direct|vandaag; heel|erg snel; sinds
        gisteren|vanmorgen|vanochtend|maandag; ligt|lag|liggen .. plat|eruit; plat; uitgevallen; werkt|doet|werken ..
        niet meer; stuk; haast; onder tijdsdruk; op korte termijn; per direct; loopt vast; liggen .. stil""",
    "low": """geen|zonder|niet (enkele|echt|echte|grote) haast|spoed|tijdsdruk|deadline|urgentie; niet
        (zo|echt|heel|erg|bijzonder) urgent|dringend; rustig aan; heeft|hebben (alle|nog) (de) tijd; neem|neemt
        (gerust) (de|je|uw) tijd; ooit; op (de) lange termijn; kan wachten""",
    "exploring": """alleen|slechts|gewoon|enkel|puur|nog (maar|even|aan) (het)
        orienteren|orienterend|orientatie|orienteer|kijken|nieuwsgierig; alleen|slechts|gewoon|enkel|puur|nog
        (maar|even|aan) (het) rondkijken|vergelijken|informatie|verkennen|benieuwd; orienteren (ons|me); uit
        nieuwsgierigheid; vrijblijvend|vrijblijvende; voor de toekomst; nog niets|geen
        concreets|concrete|gepland|plannen|concreet; in (de) orientatiefase; later (eens); ter orientatie; verkennen
        de|het|onze opties|mogelijkheden|markt""",
    "medium": """binnenkort; op afzienbare|middellange termijn; (in) (de) komende weken|maanden; snel willen; op tijd
        voor""",
    "void": """urgente|dringende|spoedeisende
        ticket|tickets|vragen|berichten|mails|telefoontjes|gevallen|zaken|meldingen|verzoeken|klachten|oproepen;
        hoe|welke|wat|meest|of .. urgent|dringend|urgente (is|zijn); elke|iedere|per|elk <unit>|<weekday>|ochtend;
        klanten .. binnen|in <n> <unit>; zodra; spoedgevallen; spoed* dienst|lijn; op urgentie""",
    "past": """sinds|vorige|vorig|afgelopen|geleden|opgericht|gestart|bijgewoond|gezien|ontmoet; bestaan;
        factuur|order|bestelling|ordernummer|bestelnummer""",
    "intent": """offerte|prijsopgave|prijsvoorstel|prijsindicatie; demo|demonstratie;
        bel|bellen|belt|terugbellen|teruggebeld .. mij|me|ons|terug; terugbellen|terugbelverzoek|teruggebeld; wat
        kost|kosten|zijn|is de|kosten|het|dit|jullie|prijs|prijzen|per|een|uw|voor; hoeveel kost|kosten;
        prijs|prijzen|tarieven|prijslijst|kosten sturen|voor|per|ontvangen|weten|van|krijgen|doorgeven; afspraak
        maken|inplannen|plannen|met; gesprek|kennismaking|overleg|meeting inplannen|plannen|voeren|met|hebben;
        proefperiode|proefversie|pilot|proefabonnement|testaccount; gratis proberen|uitproberen|testen;
        willen|wil|graag|kunnen|kan|mogen .. kopen|bestellen|afnemen|testen|uitproberen|spreken; volgende|vervolg
        stappen|stap; contact (met) (mij|ons|me) op; neem|neemt|nemen .. contact; budget (is) (er|al)
        goedgekeurd|beschikbaar|akkoord|vrijgemaakt; laten zien; met (iemand|verkoop|sales) (van) (sales|verkoop)
        spreken|praten|bellen; offreren; contract tekenen|sturen""",
    "intent_void": """klanten|bellers|patienten|mensen|gasten|die .. bellen|terugbellen; onze offertes; offertes
        (automatisch|maken)""",
    "i_am": """ik ben (de|een|het|als|hier|bij); ik werk als|bij|in|op|voor; ik leid|run|beheer|bestuur|manage; mijn
        naam is; (ik) (ben) verantwoordelijk voor; mijn functie is; ik geef leiding aan""",
    "as": "als",
    "i_am_not": """op|geinteresseerd|benieuwd|niet|zoek|aan|erg|blij|nieuwsgierig|eerste|alternatief|klant|vervanging""",
    "i_am_here": "hier",
    "we_are": """wij|we zijn; wij|we runnen|hebben|maken|produceren|bouwen|verkopen|beheren; ik werk (bij|voor|in) ;
        ik run|heb|leid; ons|onze|mijn bedrijf|organisatie|onderneming is ;
        (eigenaar|directeur|hoofd|manager|medewerker) van|bij (een|ons); bij|voor een|ons|onze""",
    "our": "ons|onze|mijn",
    "stop": """en|maar|die|dat|omdat|want|voor|zoeken|willen|met|waar|wie|zoek|gebruiken""",
    "size": """<n> (vaste) medewerkers|werknemers|personeelsleden|collega|collegas|fte|medewerker; <n>
        man|mensen|personen personeel|bedrijf|sterk|team|bureau; <n> persoons bedrijf|bureau; team|bedrijf|organisatie
        van (zo|ongeveer|circa) <n> (man|mensen|personen|medewerkers); met (z|zijn) (n) <tweeen> """,
    "size_vague": """<n> mensen|personen|man|koppen""",
    "one_person": """zzp|zzper|zelfstandige|eenmanszaak|freelancer; eenmansbedrijf""",
    "size_void": """<n> medewerkers|mensen|collega|man|personen|medewerker in|op|bij (de|het|onze|ons)
        klantenservice|support|service|verkoop|sales|marketing|helpdesk|it|callcenter|team;
        support|service|sales|klantenservice|verkoop team van|met <n> (mensen|man|medewerkers|personen); <n> mensen
        bellen|wachten|per""",
    "tweeen": "tweeen=2 drieen=3 vieren=4 vijven=5",
}
