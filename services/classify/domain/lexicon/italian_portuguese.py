"""Italian and Portuguese; `english.py` says what each key holds."""

ITALIAN = {
    "n": """un=1 una=1 uno=1 due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 dodici=12 quindici=15
        venti=20 trenta=30 quaranta=40 cinquanta=50 sessanta=60 ottanta=80 cento=100 paio=2 qualche=3 pochi=3
        poche=3""",
    "unit": """giorno=1 giorni=1 settimana=7 settimane=7 mese=30 mesi=30 trimestre=91 trimestri=91 semestre=182
        anno=365 anni=365""",
    "month": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "weekday": "lunedi martedi mercoledi giovedi venerdi sabato domenica",
    "season": "primavera=3 pasqua=4 estate=6 ferie=8 autunno=9 inverno=12 natale=12 stagione=5",
    "span": """entro|tra|fra|in|nei|nelle|per (i|le|un|una|circa|massimo|poco|meno|prossimi|prossime)
        (prossimi|prossime|di|piu) <n> (o|di|a) (<n>) <unit>; (i|le) prossimi|prossime <n> <unit>; mancano (solo) <n>
        <unit>; abbiamo <n> <unit>""",
    "next": """prossimo|prossima <unit>; <unit> prossimo|prossima|entrante; nuovo anno""",
    "this": """questo|questa|quest <unit>""",
    "end": """fine (del|della|di|dell) (questo|questa|quest) <unit>; fine anno|mese|trimestre; chiusura (del)
        trimestre""",
    "end_next": """fine (del|della) prossimo|prossima <unit>""",
    "month_at": """a|ad|in|entro|da|dal|per|prima|fino|inizio|meta|fine|verso|ai|nel|primi
        (di|a|mese|inizio|meta|fine|primi) (di) <month> (<year>)""",
    "weekday_at": """entro|per|prima|prossimo|questo|da (di|prossimo) <weekday>; <weekday> prossimo""",
    "season_at": """in|entro|prima|per|durante|questa|prossima (della|dell|di|la|l|il|le) <season>; alta stagione""",
    "season_after": """dopo (l|la|le|il|di) <season>""",
    "quarter_at": """q <n> (<year>); <ordinal> trimestre (del) (<year>)""",
    "ordinal": "primo=1 secondo=2 terzo=3 quarto=4 ultimo=4",
    "year_at": """entro|nel|dal|prima|inizio|fine|meta (il|del|fine|inizio) <year>""",
    "high": """urgente|urgenti|urgentemente; urgenza; con urgenza; (il) prima possibile; al piu presto; quanto prima;
        subito|immediatamente|immediato|immediata|tempestivamente; oggi stesso;
        chiam*|richiam*|sentir*|parlar*|rispond* .. oggi; entro oggi|domani;
        serve|servono|bisogno|dobbiamo|necessitiamo .. subito|rapidamente|velocemente|oggi|presto; da ieri; da
        stamattina; stamattina; non funziona|funzionano|va (piu); fuori uso|servizio; in tilt; crollato; asap; in
        tempi brevissimi|stretti; di fretta; emergenza; molto presto; piu presto possibile; siamo fermi; e guasto""",
    "low": """non|senza|nessuna|niente|nulla (c|ho|abbiamo|e|ha|particolare) (e|alcuna|nessuna|particolarmente|cosi)
        (e) (particolare|nessuna|alcuna) fretta|urgenza|urgente|pressione|urgenti; nessuna|alcuna fretta|urgenza;
        senza fretta|urgenza; con calma; a lungo termine; un giorno forse; prendetevi (pure) (il) tempo""",
    "exploring": """solo|soltanto|semplicemente|solamente|stiamo (sto|stiamo|per|a|vogliamo) (solo)
        curiosita|curiosare|valutando|guardando|informarmi|informarci; solo|soltanto|semplicemente|solamente|stiamo
        (sto|stiamo|per|a|vogliamo) (solo) confrontando|esplorando|informazione|informazioni|curioso|curiosa;
        solo|soltanto|semplicemente|solamente|stiamo (sto|stiamo|per|a|vogliamo) (solo)
        raccogliendo|confrontare|capire; per|pura|solo|semplice|mera curiosita; solo|soltanto (per)
        informarmi|confrontando|valutando|guardando|informazioni|esplorando; titolo informativo; fase
        esplorativa|iniziale|preliminare; tenete|conservate (i) nostri|miei contatti; piu avanti; nulla|niente di
        deciso|concreto; valutando (le|alcune) opzioni|alternative; in futuro""",
    "medium": """presto; prossimamente; a breve; (nelle|nei) prossime|prossimi settimane|mesi; a medio termine; entro
        breve""",
    "void": """ticket|richieste|mail|email|messaggi|chiamate|casi|pratiche|segnalazioni (piu|le|i) urgenti|urgente;
        quali|quanto|piu|se (sono|e) urgenti|urgente|urgenti; pronto soccorso; per urgenza; ogni|al|alla|tutti|tutte
        (i|le|ogni) <unit>|<weekday>|mattina; clienti .. entro|in <n> <unit>; subito se|quali|quando; grado|livello di
        urgenza; volte (al|alla) <unit>; cosi presto""",
    "past": """dal|da|scorso|scorsa|scorsi|scorse|fondata|fondato|nati|nata|visto|partecipato;
        conosciuto|fa|ultimo|ultima|ultimi; ordine|fattura|numero n|numero|del""",
    "intent": """preventivo|preventivi (per|di|dettagliato) ;
        un|vostro|ricevere|inviare|inviarci|inviarmi|mandare|avere preventivo; preventivo; demo|dimostrazione;
        offerta|proposta (commerciale|economica|per|di) ;
        chiamatemi|richiamatemi|chiamateci|richiamateci; chiam*|richiam*|telefonat* mi|ci|me; richiamata; essere (ri)
        richiamato|contattato|richiamata|contattata|richiamati|contattati;
        contattatemi|contattateci|contattarmi|contattarci|ricontattarmi; contatt* mi|ci; quanto (ci)
        costa|costano|costerebbe|viene|verrebbe|costi; quali|qual|che|i|vostri (sono|e) (i|il) (vostri|vostro)
        prezzi|prezzo|costi|costo|tariffe; prezzi|listino|prezzo|tariffe|costi|prezziario (per|di|e|del) ; prova
        gratuita|gratis; provare il|la|lo|gratis|gratuitamente|prima; periodo di prova; pilota;
        appuntamento|incontro|call|videochiamata|riunione con|per|telefonico|conoscitiva|di|conoscitivo;
        fissare|organizzare|programmare|prenotare .. appuntamento|incontro|call|chiamata|riunione|demo;
        parlare|sentirci|sentire|parlarne con; acquistare|comprare|ordinare|firmare|sottoscrivere; prossimi
        passi|step; budget (e|gia) approvato|disponibile|stanziato; possiamo
        sentirci|parlarne|parlare|incontrarci""",
    "intent_void": """clienti|pazienti|persone|ospiti|che .. chiam*|telefon*; i nostri preventivi; parlare con|ai
        clienti|pazienti; i nostri|nostri prezzi|costi""",
    "i_am": """sono (il|la|un|una|l); lavoro come|in|nel|nella|per; dirigo|gestisco|guido|coordino; in qualita di;
        come (responsabile|direttore|direttrice|titolare|fondatore|fondatrice|amministratore); (sono)
        responsabile|direttore|direttrice|titolare|capo
        del|della|di|dell|commerciale|marketing|vendite|it|generale|operativo; mi occupo di|del|della|dell; il mio
        ruolo e""",
    "as": "come|como|enquanto",
    "i_am_not": """interessato|interessata|alla|in|curioso|curiosa|cliente|stato|tanti|molti|troppi|solo|arrivati|tre|due""",
    "i_am_here": "qui",
    "we_are": """siamo; la nostra|mia azienda|societa|impresa|organizzazione|attivita e; lavoro (in|per|presso) ;
        gestiamo|produciamo|abbiamo|vendiamo|realizziamo|operiamo; gestisco|dirigo; il nostro gruppo|studio e;
        (titolare|direttore|direttrice|responsabile|fondatore|fondatrice|amministratore|proprietario) di|d un|una|uno;
        in|per|presso una|un|la|nostra (azienda) (di)""",
    "our": "nostra|nostro|nostri|mia|mio|nostre",
    "stop": """e|ma|che|perche|per|con|cerchiamo|vogliamo|dove|cerco""",
    "size": """<n> dipendenti|addetti|collaboratori|impiegati|lavoratori|dipendente;
        organico|azienda|team|squadra|startup|societa di|e|conta (circa) <n> (persone)""",
    "size_vague": """<n> persone""",
    "one_person": """libero professionista; ditta individuale; freelance|freelancer; partita iva; lavoratore autonomo;
        da solo|sola; lavoro autonomo""",
    "size_void": """team|servizio|ufficio|reparto (di|assistenza|vendite|clienti|supporto|commerciale|marketing)
        (clienti) (di|con|da|ha) <n> (persone|addetti|operatori|dipendenti); <n> persone chiamano|al|attendono|in|nel
        (assistenza|servizio)""",
}

PORTUGUESE = {
    "n": """um=1 uma=1 dois=2 duas=2 tres=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 doze=12 quinze=15
        vinte=20 trinta=30 quarenta=40 cinquenta=50 sessenta=60 oitenta=80 cem=100 poucos=3 poucas=3 alguns=4
        algumas=4 par=2""",
    "unit": "dia=1 dias=1 semana=7 semanas=7 mes=30 meses=30 trimestre=91 trimestres=91 semestre=182 ano=365 anos=365",
    "month": "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
    "weekday": "segunda terca quarta quinta sexta sabado domingo",
    "season": "primavera=3 pascoa=4 verao=6 ferias=7 outono=9 inverno=12 natal=12",
    "span": """em|dentro|daqui|nos|nas|no (de|a|prazo|proximos|proximas|menos|ate|cerca|apenas) (de|maximo)
        (uns|umas|duas) <n> (ou|a|de) (<n>) <unit>; (os|as|nos|nas) proximos|proximas <n> <unit>; faltam (apenas|so)
        <n> <unit>; (so) temos <n> <unit>""",
    "next": """proximo|proxima <unit>; <unit> que vem; <unit> seguinte|proximo; ano novo""",
    "this": """este|esta|deste|desta|neste|nesta|corrente|esse|nesse|essa|nessa <unit>""",
    "end": """fim|final|finais (de|do|da) (este|deste|desta) <unit>; fim (do|de) ano; fecho (do) trimestre""",
    "end_next": """fim|final (do|da) proximo|proxima <unit>""",
    "month_at": """em|ate|antes|para|a-partir-de|inicio|meados|final|finais|fim|no|durante|por|partir|em
        (de|do|o|inicio|final|fim|meados|mes) (de) <month> (de) (<year>)""",
    "weekday_at": """ate|na|para|antes|proxima|nesta|esta|este (de|a|na|o) (proxima) <weekday>; <weekday> que vem""",
    "season_at": """na|no|em|ate|antes|para|durante|neste|nesta|este (da|do|a|o|as|das|proximo|proxima) <season>;
        epoca|temporada alta""",
    "season_after": """depois|apos|passado (do|da|das|o|a|as) <season>""",
    "quarter_at": """q|t <n> (de) (<year>); <n> t <year>; <ordinal> trimestre (de|do) (<year>); <n> trimestre; <n> o
        trimestre""",
    "ordinal": "primeiro=1 segundo=2 terceiro=3 quarto=4 ultimo=4",
    "year_at": """em|ate|para|antes|inicio|final|meados (de|do|o) (ano) (de) <year>""",
    "high": """urgente|urgentes|urgentemente; urgencia; com urgencia; (o|a) mais rapido|depressa|breve|rapidamente
        possivel; quanto antes; assim que possivel; logo que possivel; imediato|imediata|imediatamente; agora mesmo;
        ja; de imediato; hoje mesmo; ainda hoje; para ontem|hoje|amanha; ate amanha|hoje; lig*|contact*|falar|respond*
        .. hoje; precis*|necessit* .. rapido|ja|hoje|rapidamente|agora|depressa; desde ontem; desde esta|hoje manha;
        hoje de manha; parou|deixou|pararam de funcionar; nao funciona|funcionam (mais); fora do ar; em baixo; caiu;
        avariou|avariado; asap; emergencia; com pressa; estamos parados; prazo (muito) curto|apertado""",
    "low": """sem|nao|nenhuma|nada (ha|temos|tenho|e|existe|estamos|com|tem)
        (nenhuma|muita|e|com|qualquer|tao|grande|muito) pressa|urgente|urgencia|pressao|prazo; sem (qualquer|nenhuma)
        pressa|urgencia|prazo; (com) calma; a longo prazo; um dia talvez; pode esperar""",
    "exploring": """so|apenas|somente|simplesmente (estou|estamos|por|a|para|quero|queria|queremos) (apenas|so)
        curiosidade|pesquisando|explorando|avaliar|a|comparando|pesquisar (apenas|opcoes);
        so|apenas|somente|simplesmente (estou|estamos|por|a|para|quero|queria|queremos) (apenas|so)
        explorar|comparar|conhecer|vendo|olhando|informacao|informacoes|ver (apenas|opcoes);
        por|mera|pura|simples|so|apenas curiosidade; apenas|so|somente
        pesquisando|explorando|comparando|explorar|pesquisar|comparar; apenas|so|somente
        informar-me|conhecer|olhando|avaliando; a titulo informativo; fase inicial|exploratoria; guardem (os)
        (nossos|meus) dados|contatos|contactos; mais tarde; mais para a frente; nada (de|esta) decidido|concreto;
        explorando|avaliando opcoes; no futuro""",
    "medium": """em breve; brevemente; (nas|nos) proximas|proximos semanas|meses; a medio|curto prazo""",
    "void": """tickets|chamados|pedidos|mensagens|emails|e-mails|chamadas|casos|solicitacoes|ligacoes
        (mais|muito|os|as) (mais) urgentes|urgente; quais|qual|mais|que (sao|e) (os|mais) urgentes|urgente; por
        urgencia; grau|nivel de urgencia; ja
        que|temos|usamos|utilizamos|tentamos|estamos|trabalhamos|e|existe|ha|somos; cada|por|todos|todas (os|as)
        <unit>|<weekday>|manha; clientes .. em <n> <unit>; hoje em dia; vezes por <unit>; pronto-socorro;
        urgencias""",
    "past": """desde|passado|passada|ultimo|ultima|ultimos|fundada|fundado|criada|vi|assisti;
        conheci|ha|atras|existe|anterior; pedido|encomenda|fatura n|numero|no""",
    "intent": """orcamento (para|de|detalhado|sem) ; orcamento; cotacao; demo|demonstracao; proposta|oferta
        (comercial|de|para) ; lig*|liguem-me|ligar|telefon* me|nos|para; ligar-me|contactar-me|ligar-nos; me|nos
        ligar|ligarem|ligue|liguem|contatar|contactar|contatem|contactem; podem|pode|poderiam
        ligar|contactar|contatar|telefonar; quanto (nos) custa|custam|custaria|sai|fica|e|cobram; qual|quais|os
        (e|o|sao|seria) (o|os) vosso|preco|precos|valor|valores|custo|planos;
        preco|precos|valores|tabela|tarifas|valor (de|para|por|dos) (precos|plano|usuario) ; tabela de precos;
        reuniao|conversa|chamada|videochamada|visita com|para|comercial|de|rapida|breve;
        agendar|marcar|combinar|reservar .. reuniao|conversa|demo|chamada|demonstracao|hora; teste
        gratuito|gratis|piloto; testar|experimentar a|o|gratuitamente|gratis|antes; periodo de teste|experiencia;
        piloto; falar com (um|alguem|a|o|vendas|vendedor|voces); podemos|poderiamos falar|conversar|reunir;
        entrar|entrem em contato|contacto (comigo|conosco|connosco); comprar|contratar|adquirir|assinar|fechar;
        proximos passos; verba|orcamento (ja|esta|foi) aprovado|aprovada|disponivel""",
    "intent_void": """clientes|pacientes|pessoas|que|hospedes .. lig*|telefon*; nossos orcamentos; falar com
        clientes|pacientes; contratar pessoal|pessoas|funcionarios""",
    "i_am": """(eu) sou (o|a|um|uma); trabalho como|em|no|na|com; dirijo|lidero|gerencio|giro|coordeno; na qualidade
        de; como (diretor|diretora|responsavel|gerente|fundador|fundadora|dono|dona|gestor|gestora|socio); (sou)
        responsavel|diretor|diretora|gerente|chefe|coordenador|coordenadora de|do|da|pelo|pela|comercial|geral; meu
        cargo e; cuido da|do""",
    "as": "come|como|enquanto",
    "i_am_not": """interessado|interessada|cliente|novo|nova|curioso""",
    "i_am_here": "aqui",
    "we_are": """somos; a nossa|minha empresa|organizacao|companhia e; nosso|nossa|minha|meu negocio|grupo|empresa e;
        trabalho (em|numa|num|para|na|no) ; temos|gerimos|operamos|fabricamos|produzimos|administramos|vendemos;
        tenho|giro|dirijo;
        (diretor|diretora|responsavel|gerente|dono|dona|socio|socia|fundador|fundadora|operacoes|proprietario)
        de|da|do|numa|num (uma|um) ; em|para|numa|num (uma|um|nossa|empresa) (empresa) (de)""",
    "our": "nossa|nosso|minha|meu|nossos|nossas",
    "stop": """e|mas|que|porque|para|com|procuramos|queremos|precisamos|onde|procuro""",
    "size": """<n> funcionarios|empregados|colaboradores|trabalhadores|empregadas|funcionario;
        empresa|equipe|equipa|time|startup|quadro de|com|tem (cerca|umas) (de) <n> (pessoas)""",
    "size_vague": """<n> pessoas""",
    "one_person": """autonomo|autonoma|mei|freelancer|freelance; microempreendedor individual; empresario em nome
        individual; trabalho sozinho|sozinha; so eu; eu sozinho""",
    "size_void": """equipe|equipa|time|servico (de|do) (suporte|vendas|atendimento|apoio|marketing|comercial) (ao)
        (cliente) (de|com|tem) <n> (pessoas|agentes|funcionarios|atendentes); <n> pessoas ligam|esperam|por|no|na
        (atendimento|suporte)""",
}
