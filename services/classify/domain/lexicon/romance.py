"""French and Spanish; `english.py` says what each key holds."""

FRENCH = {
    "n": """un=1 une=1 deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 quinze=15
        quinzaine=15 vingt=20 trente=30 quarante=40 cinquante=50 soixante=60 cent=100 quelques=3 centaine=100
        vingtaine=20 trentaine=30 quarantaine=40 cinquantaine=50 soixantaine=60 dizaine=10""",
    "unit": """jour=1 jours=1 semaine=7 semaines=7 mois=30 trimestre=91 trimestres=91 semestre=182 an=365 ans=365
        annee=365 annees=365""",
    "month": """janvier|janv fevrier|fevr mars avril|avr mai juin juillet|juil aout septembre|sept octobre|oct
        novembre|nov decembre|dec""",
    "weekday": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "season": "printemps=3 paques=4 ete=6 vacances=7 rentree=9 automne=9 hiver=12 noel=12 fetes=12 soldes=1",
    "span": """dans|sous|d'ici|en|avant (a) (les|la|l) (prochains|prochaines|environ|moins|peine) (de) <n> (a|de|ou)
        (<n>) (prochains|prochaines) <unit>; sous|dans une quinzaine; il (nous) (ne) reste (que) <n> <unit>; <n>
        prochains|prochaines <unit>; quinze jours; dans les <n> <unit>; d'ici quelques <unit>""",
    "next": """prochain|prochaine|prochains <unit>; <unit> prochain|prochaine|suivant|suivante; le <unit> qui
        vient|suit""",
    "this": """ce|cette|cet <unit>; <unit> en cours""",
    "end": """fin (du|de|d|de-la|de-l) (ce|cette|l) <unit>; fin d'annee; fin du mois|trimestre""",
    "end_next": """fin (du|de) (la) <unit> prochain|prochaine""",
    "month_at": """en|commencer|demarrer|debuter|avant|d'ici|a-partir-de|pour|debut|mi (debut|fin|mi|le|mois)
        (mois|de|d) (de) <month> (<year>); fin|courant|des|jusqu'a|jusqu'en|vers|fin (debut|fin|mi|le|mois)
        (mois|de|d) (de) <month> (<year>); au mois de|d' <month>""",
    "weekday_at": """avant|d'ici|pour|des|ce|jusqu'a|est|est-ce (le|a) <weekday> (prochain); <weekday> prochain""",
    "season_at": """avant|d'ici|au|pour|cet|en|des|cette|pendant|a (a) (la|l|le|les|debut|cet|cette) <season>
        (prochain)""",
    "season_after": """apres (l|la|le|les) <season>; a la rentree""",
    "quarter_at": """(en|au|le) q|t <n> (<year>); (au) <ordinal> trimestre (de) (<year>); <n> er|e|eme|nd trimestre
        (<year>); t <n> (<year>)""",
    "ordinal": "premier=1 deuxieme=2 second=2 troisieme=3 quatrieme=4 dernier=4",
    "year_at": """en|d'ici|avant|pour|courant|debut|fin|mi|des (debut|fin|mi|l'annee|courant) (de) <year>""",
    "high": """urgent|urgente|urgents; urgence; d'urgence; en urgence; (le|la) plus vite|rapidement|tot possible; au
        plus vite|tot|tard; des que possible; dans les plus brefs delais; meilleurs delais;
        immediat|immediate|immediatement; commencer|demarrer|besoin|faut .. tout de suite; sans delai|attendre|tarder;
        des aujourd'hui|maintenant|demain; rappel*|appel*|contact*|parler|repondre .. aujourd'hui;
        besoin|faut|devons|dois|souhaitons .. vite|rapidement|aujourd'hui; tres|trop
        vite|rapidement|presse|presses|urgent; regler ca vite; depuis hier|ce
        matin|lundi|mardi|mercredi|jeudi|vendredi; ce matin; en panne; ne marche|fonctionne|repond plus; hors service;
        pour demain|hier; avant demain; plante|tombe|tombee en panne; asap; c'est presse; pressons; delai tres court;
        court terme""",
    "low": """pas|rien|aucune|sans|nullement|peu
        (de|d|du|vraiment|tres|trop|encore|specialement|particulierement|forcement|si) (d|de)
        urgent|urgente|urgence|presse|pressee|presses|pressant|precipitation|hate|delai; prenez (votre|tout) temps;
        (a) (on|nous) (avons|a) (tout) le temps; un jour peut-etre; a long terme; rien ne presse; sans
        calendrier|echeance (precis|precise|particuliere)""",
    "exploring": """simple|pure|par curiosite; juste|simplement|seulement|uniquement (pour) (me|nous|m|s)
        curieux|curieuse|renseigner|renseignements|renseignement|informer; juste|simplement|seulement|uniquement
        (pour) (me|nous|m|s) information|comparer|explorer|regarder|comparons|regarde|regardons;
        juste|simplement|seulement|uniquement (pour) (me|nous|m|s) renseigne|renseignons|explorons; titre (purement)
        informatif|indicatif; a ce stade; phase (de) reflexion|exploration|exploratoire; premiers renseignements;
        gardez nos|mes coordonnees; plus tard; rien de|n'est concret|prevu|decide|precis; comparons
        (simplement|seulement|juste|pour|differentes|les|plusieurs); tour d'horizon; pas encore (de)
        projet|concret|decide""",
    "medium": """bientot; prochainement; (dans) (les|un) prochaines|prochains semaines|mois|temps; dans les
        (semaines|mois) (a|qui) (venir|viennent); a moyen terme; d'ici peu""",
    "void": """tickets|demandes|demande|messages|mails|appels|cas|e-mails|courriels|requetes|questions|dossiers|clients
        (les|plus|tres|le) (plus) urgent|urgents|urgentes|urgente; (plus|le|les) urgents|urgentes;
        degre|niveau|service|services|numero|ordre d'urgence; urgences; par urgence; chaque|par|tous les|toutes les
        <unit>|<weekday>|matin; clients .. dans|sous|en <n> <unit>; ce qui est urgent; sont urgentes|urgents;
        moins|plus de <n> <unit>; en moins de; des que; <n> fois par <unit>""",
    "past": """depuis|dernier|derniere|derniers|dernieres|passe|passee|fonde|fondee|creee|cree|ne
        en|assiste|vu|rencontre|lance; il y a;; commande|facture n|no|numero|du""",
    "intent": """devis; (une|votre|meilleure) offre (de) (prix|commerciale|pour|chiffree|tarifaire|svp) ;
        envoy*|faire|recevoir|adresser|obtenir|propos*|transm* ..
        offre|proposition|tarif|tarifs|prix|grille|devis|contrat; proposition commerciale|tarifaire|de prix;
        demo|demos|demonstration; rappel*|appelez|telephonez|rappelez|rappeler moi|nous; (me|nous|m|etre)
        rappeler|appeler|rappele|rappelee|rappeles; m'appeler; rendez-vous
        avec|telephonique|pour|svp|commercial|vous|possible|cette|la|rapidement;
        prendre|fixer|convenir|organiser|planifier|caler .. rendez|rdv|appel|visio|reunion|echange|entretien;
        quel|quels|quelle|vos|votre|connaitre|les|vos (sont|est|serait|seraient) (le|les|vos|votre) (le|les)
        tarif|tarifs|prix|cout|grille; combien ca|cela|coute|coutent|couterait|faut; coute|couterait
        votre|combien|par|la|le|une|t; essai|pilote|poc|version|periode gratuit|d'essai|gratuite|pilote; essai
        gratuit; tester|essayer votre|gratuitement|la|le|l|avant|pendant; parler a|avec (un|une|quelqu|votre)
        (commercial|conseiller|expert|un|vendeur|equipe); etre contacte|recontacte|contactee|recontactee;
        contactez|recontactez moi|nous; acheter|commander|souscrire|signer; prochaines etapes; budget (est|a|ete|deja)
        valide|approuve|prevu|disponible|vote; budget valide; me|nous contacter|recontacter; pouvons-nous (en)
        parler|discuter|echanger; comment s'abonner|souscrire""",
    "intent_void": """clients|patients|appelants|gens|personnes|qui .. appel*|rappel*|rendez; prise de rendez; offre
        d'emploi; appelez vous""",
    "i_am": """je suis (le|la|l|un|une); je travaille comme|en|au|dans|pour; je
        dirige|gere|manage|pilote|encadre|possede; en tant que|qu (responsable|directeur|directrice); en ma qualite
        de; (je) (suis) responsable|charge|chargee|chef|directeur|directrice
        du|de|des|d'|commercial|commerciale|marketing|technique|informatique|general|generale; mon poste est; je
        m'occupe|occupe de|du|des""",
    "as": "comme|como",
    "i_am_not": """a la|l|votre|vos; interesse|interessee|tombe|curieux|curieuse|pas|ravi|contente|client|cliente;
        convaincu|premier|premiere|alternative|outil""",
    "i_am_here": "ici",
    "we_are": """nous sommes; on est; notre entreprise|societe|groupe|structure|organisation|association|etablissement
        est; je travaille (pour|chez|dans|a) ; nous
        gerons|exploitons|fabriquons|produisons|avons|dirigeons|tenons|vendons; je dirige|gere|tiens|possede; mon
        entreprise|societe est; en tant que|qu;
        (directeur|directrice|responsable|gerant|gerante|fondateur|fondatrice|patron|patronne|proprietaire|dirigeant)
        d'un|d'une|de|dans|chez (notre|une); pour notre|une|un; chez|dans un|une|notre""",
    "our": "notre|nos|mon|ma",
    "stop": """et|mais|qui|car|pour|cherchons|avec|dont|cherche|souhaite|souhaitons|voulons""",
    "size": """<n> (de) salaries|salarie|employes|collaborateurs|collaboratrices|effectifs|etp; effectif
        (de|est|d'environ) <n>; equipe|entreprise|societe|structure|startup|pme|agence|cabinet de|d'une
        (environ|une|pres|plus) (de) <n> (de) (personnes)""",
    "size_vague": """<n> (de) personnes""",
    "one_person": """auto-entrepreneur|autoentrepreneur|freelance|independant|independante;
        micro-entreprise|autoentrepreneuse; tout seul|seule; travailleur independant; entrepreneur individuel""",
    "size_void": """service|equipe|support|pole|departement
        (client|commerciale|commercial|support|de|marketing|relation|service|technique|it)
        (clients|client|support|vente|ventes) (compte|de|a|avec|est) (de) <n>
        (personnes|collaborateurs|salaries|agents); <n> personnes appellent|attendent|par|au support|au service""",
}

SPANISH = {
    "n": """un=1 una=1 uno=1 dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12
        quince=15 veinte=20 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 ochenta=80 cien=100 unos=3 unas=3 pocos=3
        pocas=3 par=2""",
    "unit": """dia=1 dias=1 semana=7 semanas=7 quincena=15 mes=30 meses=30 trimestre=91 trimestres=91 semestre=182
        ano=365 anos=365""",
    "month": "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
    "weekday": "lunes martes miercoles jueves viernes sabado domingo",
    "season": "primavera=3 verano=6 vacaciones=7 otono=9 invierno=12 navidad=12 navidades=12 temporada=6",
    "span": """en|dentro|antes (de) (los|las|el) (proximos|proximas|menos|unos|unas|plazo|un|tan|solo) (de) <n>
        (o|a|de) (<n>) <unit>; (los|las) proximos|proximas <n> <unit>; (nos) (solo) quedan <n> <unit>; en un plazo de
        <n> <unit>; tenemos <n> <unit>""",
    "next": """proximo|proxima|siguiente <unit>; <unit> que viene|entra; <unit> siguiente|proximo|proxima|entrante;
        nuevo ano""",
    "this": """este|esta (misma|mismo) <unit>; <unit> en curso; lo que queda de <unit>""",
    "end": """fin|final|finales|fines (de|del) (este|esta|la) <unit>; antes de que (termine|acabe) el <unit>; cierre
        (de|del) <unit>""",
    "end_next": """fin|final|finales (de|del) proximo <unit>""",
    "month_at": """en|para|antes|hasta|principios|mediados|finales|partir|inicios|hacia|durante|proximo (de|mes)
        (principios|mediados|finales) (de) <month> (de|del) (<year>)""",
    "weekday_at": """el|este|para|antes|hasta|proximo (del|de|el|proximo|este) (proximo) <weekday>; <weekday> que
        viene|proximo""",
    "season_at": """en|antes|para|esta|este|durante|hasta|proximo|proxima|temporada
        (de|del|la|el|proxima|proximo|alta) (la|el|temporada) <season>; temporada alta""",
    "season_after": """despues|pasado|tras|luego (de|del|el|la) (la|el|las) <season>""",
    "quarter_at": """q|t <n> (de) (<year>); <ordinal> trimestre (de|del) (<year>); <n> trimestre""",
    "ordinal": "primer=1 segundo=2 tercer=3 cuarto=4 ultimo=4",
    "year_at": """en|para|antes|hasta|durante|principios|mediados|finales (de|del) (2|ano) <year>""",
    "high": """urgente|urgentes|urgentemente; urgencia; con urgencia; urge; lo antes|mas|mas-pronto|mas-rapido
        (pronto|rapido) posible; cuanto antes; (a) la (mayor) brevedad; inmediato|inmediata|inmediatamente; ahora
        mismo; ya mismo; de inmediato; hoy mismo; llam*|hablar|contact*|respond* .. hoy; hoy necesit*;
        necesit*|necesito|tenemos|hay .. rapido|ya|hoy|enseguida|rapidamente; para hoy|manana|ayer; antes de manana;
        muy rapido|pronto|urgente; desde ayer|esta (manana|lunes); esta manana; se cayo; caido|caida|caidos;
        dejo|dejaron|ha dejado de funcionar; no funciona (desde|nada);; tan pronto como; asap; corre prisa;
        emergencia; apremia; contrarreloj; averiado|averiada; sin servicio""",
    "low": """sin|no|ninguna|nada|tampoco
        (hay|tenemos|tengo|es|corre|nos|ninguna|una|mucha|muy|tan|especialmente|corre) (ninguna|mucha|nada|es|corre)
        (de) prisa|prisas|urgente|urgencia|urge|apuro|apuros|plazo|apremia; sin plazo|fecha (fijo|fija|definida);
        (tomense|tomaos) su|el tiempo; con calma; a largo plazo; algun dia; no corre prisa""",
    "exploring": """solo|solamente|simplemente|unicamente (estoy|estamos|queria|quiero|queremos|por|para)
        investigando|explorando|mirando|comparando|comparar|curiosidad (solo|informacion|opciones);
        solo|solamente|simplemente|unicamente (estoy|estamos|queria|quiero|queremos|por|para)
        informarme|informarnos|informacion|viendo|buscando|curioseando (solo|informacion|opciones);
        solo|solamente|simplemente|unicamente (estoy|estamos|queria|quiero|queremos|por|para) preguntando
        (solo|informacion|opciones); solo|simple|pura|por curiosidad; solo|solamente
        comparamos|comparando|estoy|estamos|miramos|mirando|informarme; solo|solamente
        informacion|informandome|explorando; por ahora solo; titulo informativo; fase inicial|exploratoria;
        guarden|guarde nuestros|mis datos; mas adelante; nada (esta) concreto|decidido|previsto; explorando opciones;
        en el futuro; todavia no hay (proyecto|nada)""",
    "medium": """pronto; proximamente; (en) (las|los) proximas|proximos semanas|meses; a mediano|medio|corto plazo; en
        breve""",
    "void": """tickets|solicitudes|casos|correos|mensajes|llamadas|consultas|incidencias|pedidos|peticiones|pacientes
        (mas|muy|los|las) (mas) urgentes|urgente; lo|mas|los|las|cuales|que|tan (mas) (son|es) urgente|urgentes;
        nivel|servicio|grado de urgencia; urgencias; por urgencia; llamadas de emergencia; cada|por|todos los|todas
        las|al <unit>|<weekday>|lunes|manana; clientes .. en <n> <unit>; tan pronto como un|una|el|la; hoy en dia;
        veces (al|por) <unit>; menos de <n> <unit>; se caen""",
    "past": """desde|pasado|pasada|ultimo|ultima|ultimos|ultimas|fundada|fundado|fundamos|nacimos;
        vi|asisti|conoci|hace|creada; hace; pedido|factura|orden|numero n|no|numero|del""",
    "intent": """presupuesto|presupuestos (para|de|por|sin|detallado) ; un presupuesto;
        cotizacion|cotizar|cotizaciones; (una|solicitar|agendar|ver|pedir|probar) demo|demostracion; demo;
        demostracion; llamen|llamenme|llamenos|llamadme|llamadnos; llam*|llame|llamar me|nos; llamarme|llamarnos|llamarnos;
        me|nos pueden|podrian|puede llamar|contactar; propuesta comercial|economica|de;
        enviar*|envien*|mand*|pas*|recibir ..
        propuesta|precio|precios|tarifa|tarifas|presupuesto|oferta|cotizacion|contrato; oferta|propuesta
        para|comercial|economica|con; cuanto|que (nos)
        cuesta|cuestan|costaria|vale|sale|saldria|cobran|precio|coste|costo; que
        precio|precios|tarifas|coste|costo|costos tiene|tienen|hay|son;
        precio|precios|tarifas|costo|costos|coste|planes (de|para|por|y|tiene); lista de precios;
        reunion|cita|llamada|videollamada con|para|de|comercial|rapida|breve;
        agendar|programar|concertar|coordinar|tener|acordar .. reunion|cita|llamada|demo; prueba
        gratuita|gratis|piloto; piloto; probar la|el|lo|su|gratis|gratuitamente|antes; hablar con
        (un|alguien|ventas|ustedes|vosotros|el|su) ; podemos|podriamos|quisiera|quiero|queremos|hablamos|hablemos
        hablar; contact*|comuni*|ponerse en contacto (conmigo|con|me|nos);
        contactenme|contactenos|contactarme|contactarnos; comprar|contratar|adquirir|suscribir*; proximos|siguientes
        pasos; presupuesto (esta|ya|fue) aprobado|asignado|disponible; me|nos contacten|llamen""",
    "intent_void": """clientes|pacientes|personas|gente|que .. llam*; hablar con clientes; nuestros presupuestos;
        quiero|queremos|quisiera|podemos|podriamos
        saber|automatizar|reducir|mejorar|tener|unificar|limpiar|que|dejar|ver; contratar personal""",
    "i_am": """soy (el|la|un|una); trabajo como|en|de|para; dirijo|lidero|gestiono|manejo|superviso|coordino; como
        (director|directora|responsable|jefe|jefa|gerente|fundador|fundadora); como
        (encargado|encargada|dueno|duena|propietario); (soy)
        responsable|encargado|encargada|jefe|jefa|director|directora|gerente de|del|comercial|general; mi cargo|puesto
        es; me encargo de; estoy a cargo de; llevo el|la|los""",
    "as": "comme|como",
    "i_am_not": """interesado|interesada|cliente|no|nuevo|curioso""",
    "i_am_here": "aqui",
    "we_are": """somos; nuestra|mi empresa|compania|organizacion|sociedad|grupo|negocio es; nuestro negocio|grupo es;
        trabajo (en|para); tenemos|gestionamos|operamos|fabricamos|producimos|administramos|regentamos|vendemos;
        tengo|dirijo|gestiono|administro; (director|directora|responsable|dueno|duena|gerente|jefe|jefa|fundador)
        de|en (un|una|nuestra|nuestro); (fundadora|propietario|encargada|encargado) de|en (un|una|nuestra|nuestro);
        en|para una|un|nuestra|nuestro (empresa) (de)""",
    "our": "nuestra|nuestro|nuestros|nuestras|mi",
    "stop": """y|pero|que|porque|para|con|buscamos|queremos|necesitamos|donde|busco|usamos""",
    "size": """<n> empleados|trabajadores|colaboradores|empleadas|trabajadoras|asalariados|empleado; plantilla
        (de|es|formada) (por) (unos|unas|unas) <n>; empresa|equipo|compania|startup|agencia|negocio de
        (unas|unos|casi|mas) (de) <n> (personas|empleados)""",
    "size_vague": """<n> personas""",
    "one_person": """autonomo|autonoma|freelance|freelancer|unipersonal; trabajador|trabajadora independiente; yo
        solo|sola; empresa individual; por cuenta propia""",
    "size_void": """equipo|departamento|servicio|area (de) (soporte|ventas|atencion|comercial|marketing|servicio|it)
        (al) (cliente) (de|tiene|con|somos|es) (de) <n> (personas|empleados|agentes); <n> personas
        llaman|esperan|al|en (atencion|soporte|ventas|equipo)""",
}
