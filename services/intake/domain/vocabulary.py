"""What senders call the fields of a lead: whole names, phrases inside a label or question, and words that tell
    whose a value is.

Written without accents, blanks and capitals or with them: a name and what stands here are compared in the same plain
form. English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Danish, Norwegian,
    Russian, Japanese.
"""

from libs.identity.words import word_set

NAMES: dict[str, str] = {
    "email": "workemail businessemail companyemail corporateemail professionalemail primaryemail emailwork"
    " emailaddresswork geschaftlicheemail emailprofessionnel emailpro correocorporativo email emailaddress mail"
    " mailaddress emailid emails emailaddresses useremail visitoremail hsemail emailadresse mailadresse emailaddr"
    " epost epostadress epostadresse correo correoelectronico direcciondecorreo direcciondecorreoelectronico"
    " courriel adresseemail adressemail adressemel adresseelectronique mel indirizzoemail indirizzomail"
    " postaelettronica emailadres mailadres enderecodeemail correioeletronico adresemail adresmailowy mejl"
    " mailadress электроннаяпочта элпочта почта емейл имейл адресэлектроннойпочты メールアドレス メール eメール"
    " 電子メール emailconfirm emailconfirmation confirmemail confirmemailaddress verifyemail emailrepeat",
    "first_name": "firstname fname givenname forename vorname prenom primernombre voornaam namefirst fullnamefirst"
    " namesfirstname firstnames givennames fornavn fornamn imie primeironome nomedebatismo 名 ファーストネーム",
    "last_name": "lastname lname surname familyname nachname familienname zuname nomdefamille apellido apellidos"
    " primerapellido achternaam cognome sobrenome apelido namelast fullnamelast nameslastname efternamn efternavn"
    " etternavn nazwisko фамилия 姓 名字",
    "name": "fullname contactname contactfullname personname name displayname nameandsurname firstandlastname"
    " namefull yourname vollstandigername vorundnachname vornamenachname nomcomplet nometprenom prenometnom"
    " nombrecompleto nombreyapellido nombreyapellidos nomecompleto nomeecognome nomeesobrenome leadname visitorname"
    " customername clientname attendeename inviteename submittername contactperson ansprechpartner nom nombre nome"
    " naam navn namn imieinazwisko volledigenaam fulltnavn fullstandigtnamn имя фио имяифамилия полноеимя вашеимя"
    " お名前 名前 氏名 ご担当者名 担当者名 ご氏名 fuldenavn names fromname sendername contact username",
    "phone": "e164phone phone phonenumber workphone mobile mobilephone mobilenumber cell cellphone cellnumber tel"
    " telephone telephonenumber phones phonenumbers whatsapp telefon telefonnummer rufnummer handy handynummer"
    " mobiltelefon mobilnummer telefono numerodetelefono numerodetelephone numerotelephone telefonomovil movil"
    " celular telefone telemovel telemobile cellulare numeroditelefono telefoonnummer telefoon mobiel"
    " telefonkontaktowy numertelefonu nrtelefonu komorka mobil tlf puhelin телефон номертелефона мобильныйтелефон"
    " контактныйтелефон 電話番号 電話 携帯電話 phonefull businessphone directphone phoneno portable voicephone"
    " dayphone contactnumber contactphone customerphonenumber waid",
    "title": "jobtitle title position jobrole jobposition yourrole role occupation designation profession"
    " berufsbezeichnung stellenbezeichnung poste cargo puesto function funktion functie fonction intitulededuposte"
    " intituleduposte ruolo posizione funcao profissao stanowisko stilling befattning tittel yrkestitel должность"
    " 役職 部署役職 employmenttitle roleincompany positionincompany job beruf metier",
    "seniority": "seniority senioritylevel joblevel",
    "company": "company companyname organization organisation organizationname organisationname org orgname"
    " orgidname business businessname account accountname employer firm firma firmenname unternehmen"
    " unternehmensname entreprise nomdelentreprise societe raisonsociale empresa nombredelaempresa nomedaempresa"
    " compania azienda nomeazienda ragionesociale bedrijf bedrijfsnaam bedrijfnaam organisatie foretag foretagsnamn"
    " virksomhed virksomhet firmanavn bedrift nazwafirmy przedsiebiorstwo компания организация названиекомпании"
    " 会社名 会社 貴社名 御社名 企業名 法人名 workplace employmentname companyororganisation companyorganisation"
    " companyorganization yourcompany customercompany",
    "domain": "companydomain domain emaildomain organizationdomain employmentdomain",
    "website": "website companywebsite websiteurl companyurl web homepage siteweb sitioweb paginaweb webseite"
    " yourwebsite sitointernet sitoweb strona stronainternetowa hemsida hjemmeside nettside сайт вебсайт webサイト"
    " ホームページ",
    "industry": "industry sector branche secteur industria vertical secteurdactivite settore setor branza bransch"
    " отрасль 業種",
    "employees": "employees employeecount numberofemployees numemployees noofemployees companysize teamsize"
    " headcount companyemployees mitarbeiter mitarbeiterzahl anzahlmitarbeiter effectif nombredesalaries"
    " nombredemployes tailleentreprise numerodeempleados numerodefuncionarios numerodidipendenti aantalmedewerkers"
    " antalanstallda antalansatte liczbapracownikow 従業員数",
    "revenue_band": "annualrevenue revenue revenueband companyrevenue umsatz jahresumsatz",
    "country": "country countrycode countryregion countryname land pays pais paese nazione addresscountry"
    " locationcountry kraj страна 国 国名",
    "city": "city town stadt ort ville ciudad citta cidade stad miasto город 市区町村 addresscity locationcity",
    "message": "message comments comment commentormessage question questions inquiry enquiry howcanwehelp details"
    " description notes note body content nachricht ihrenachricht mitteilung anliegen ihranliegen messagetext"
    " request anfrage ihreanfrage mensaje comentario comentarios mensagem messaggio richiesta bericht vraag"
    " projectdetails bemerkung bemerkungen kommentar commentaire commentaires yourquestion yourmessage bodyplain"
    " textbody strippedtext strippedtextreply text opmerking opmerkingen toelichting wiadomosc tresc trescwiadomosci"
    " uwagi meddelande meddelelse besked melding beskjed сообщение комментарий вопрос текстсообщения"
    " お問い合わせ内容 お問い合わせ ご質問 内容 メッセージ 備考 ご相談内容 demande besoin precisions frage wunsch"
    " solicitud consulta peticion duvida pedido domanda verzoek aanvraag vragen fraga henvendelse zapytanie pytanie"
    " usecase moreinformation additionalinformation additionalinfo additionalcomments messagebody freetext",
    "product": "product productinterest interestedin productofinterest interest solution plan produkt produit"
    " producto produto prodotto продукт",
    "timeline": "timeline buyingtimeline timeframe purchasetimeline implementationtimeline whendoyouwanttostart"
    " startdate zeitrahmen",
    "budget": "budget budgetrange projectbudget estimatedbudget presupuesto orcamento",
    "seats": "seats numberofseats users numberofusers licenses licences",
    "language": "language locale preferredlanguage sprache langue idioma lingua sprak sprog jezyk язык 言語",
    "campaign": "campaign campaignname campaignid",
    "page": "page pageurl landingpage landingpageurl sourceurl url formurl pageuri currenturl landingurl"
    " pagelocation submissionurl",
    "referrer": "referrer referer referrerurl httpreferer pagereferrer documentreferrer",
    "utm_source": "utmsource campaignsource",
    "utm_medium": "utmmedium campaignmedium",
    "utm_campaign": "utmcampaign utmname",
    "utm_term": "utmterm utmkeyword campaignterm",
    "utm_content": "utmcontent campaigncontent",
    "channel": "channel leadsource",
    "custom_id": "customid externalid crmid userid customerid contactid",
    "consent": "consent gdprconsent marketingconsent marketing acceptsmarketing optin newsletter newsletteroptin"
    " subscribe marketingoptin emailoptin einwilligung consentement emailconsent consentimiento consenso zgoda"
    " samtykke samtycke",
    "do_not_mail": "unsubscribe unsubscribed optout optedout emailoptout hasoptedoutofemail donotmail donotemail"
    " donotcontact unsubscribedfromemails emailunsubscribed",
}  # fmt: skip
PHRASES: tuple[tuple[str, str], ...] = (
    ("do_not_mail", "do not want|dont want|opt out|unsubscribe|no emails|not contact me|keine werbung"
        "|ne souhaite pas"),
    ("consent", "consent|i agree to receive|agree to be contacted|agree to receive|subscribe|newsletter|opt in"
        "|einwilligung|consentement|receive marketing|marketing emails|marketing e mails|marketing communications"
        "|sign me up"),
    ("email", "e mail|email|emails|mail address|courriel|correo|correo electronico|adresse mail|e post|epost"
        "|epostadress|почта|почты|почту|メールアドレス|mailadresse"),
    ("phone", "phone|telephone|mobile|telefon|telefono|telefone|telefoon|telefoonnummer|telefonnummer|handy|whatsapp"
        "|rufnummer|cell|number to reach|number to call|телефон|телефона|reach you by phone|電話番号|携帯番号|mobil"
        "|celular|movil|puhelin"),
    ("employees", "employees|company size|team size|size of your team|size of your company|headcount|mitarbeiter"
        "|effectif|how big is your team|how big is your company|how many people work|how many employees|salaries"),
    ("seats", "how many seats|how many users|how many licenses|how many licences|how many people|number of seats"
        "|number of users"),
    ("website", "website|web site|homepage|webseite|site web|sitio web|sito web"),
    ("name", "first and last name|name and surname|vor und nachname|vor und zuname|nom et prenom|prenom et nom"
        "|nombre y apellidos|nome e cognome|nome e sobrenome|imie i nazwisko|имя и фамилия"),
    ("first_name", "first name|given name|vorname|prenom|voornaam|fornavn|fornamn"),
    ("last_name", "last name|surname|family name|nachname|apellido|apellidos|cognome|achternaam|efternavn|etternavn"
        "|efternamn|nazwisko|фамилия|nom de famille"),
    ("name", "your name|full name|my name|who are you|contact name|contact person|customer name|client name"
        "|attendee name|name of contact|call you|should we call you|wie heissen sie|wie heisst du|ihr name|dein name"
        "|votre nom|vous appelez vous|t appelles tu|su nombre|tu nombre|te llamas|se llama|seu nome|se chama"
        "|vostro nome|il tuo nome|ti chiami|si chiama|uw naam|jouw naam|je naam|heet je|ditt namn|heter du|dit navn"
        "|hedder du|ditt navn|twoje imie|masz na imie|ваше имя|как вас зовут|как вас называть|お名前|氏名|ご担当者名"),
    ("title", "votre poste|votre metier|ihre rolle|deine rolle|su puesto|tu puesto|tu cargo"
        "|job title|your role|job role|position|what do you do|your title|stanowisko|должность"
        "|berufsbezeichnung|fonction|your function|ruolo|role in the company|cargo"),
    ("industry", "industry|sector|branche|line of business|type of business|kind of business"),
    ("revenue_band", "revenue|umsatz|turnover"),
    ("budget", "budget|willing to spend|presupuesto|orcamento"),
    ("timeline", "timeline|time frame|timeframe|how soon|when do you|when would you|when are you|when will you"
        "|by when|start date|zeitrahmen"),
    ("country", "country|land|pays|pais|paese|nazione|kraj|страна"),
    ("city", "city|stadt|ville|ciudad|citta|cidade|город"),
    ("product", "which product|interested in|product|which plan|what plan"),
    ("message", "message|how can we help|help you|tell us|describe|your comment|comments|question|questions|inquiry"
        "|enquiry|project|challenge|looking for|use case|goal|goals|share anything|talk about|discuss|nachricht"
        "|anfrage|anything else|solve|problem|on your mind|what brings you|reason for|nature of your|ayudarte"
        "|ayudarle|ayudar|ajudar|ajuda|aiutarti|aiutarla|aiutare|hjalpa dig|hjalpa er|hjaelpe dig|hjelpe deg|hjaelpe"
        "|hjelpe|hjalpa|helpen|helfen|pomoc|aider|besoin|besoins|votre projet|votre demande|ihr projekt|worum geht"
        "|ihre frage|su consulta|consulta|tu consulta|sua mensagem|duvida|la tua richiesta|uw vraag|jouw vraag"
        "|uw bericht|ваш вопрос|вопрос|комментарий|комментарии|ご質問|ご要望|お問い合わせ|お問い合わせ内容|ご相談"
        "|wiadomosci|zapytanie|mensaje|mensagem|messaggio|anliegen|bemerkung|what do you need|hope to learn"
        "|сообщение|wiadomosc|meddelande|besked|requirements|needs"),
    ("company", "company|organization|organisation|business|firma|unternehmen|entreprise|societe|empresa|azienda"
        "|bedrijf|where do you work|who do you work for|employer|virksomhed|foretag|компания|компании|arbeiten sie"
        "|foretagsnamn|organisatie|organizacja|organisasjon|bedrijfsnaam|nazwa firmy|会社名|貴社名|企業名"
        "|travaillez vous"),
)  # fmt: skip
"""Fields by a phrase of whole words, the more telling first."""
FILLERS = word_set(
    """your my the a contact lead customer person visitor user form field fields data input hidden value q
    properties traits attributes payload answer answers submission custom hs item txt tf cf7 wpforms entry please
    enter de la votre ihre ihr tu su seu uw answervalue individual required optional pflichtfeld obligatoire
    attendee registrant invitee respondent subscriber prospect applicant full client ваш ваше ваша 必須 任意
    obligatorio vostro vos deine dein deinen ihren ihrer ihres eure euer
    tus sus seus suas suo sua jouw je jullie din ditt merges fld ask ticket requester column col"""
)
OTHERS = word_set(
    """formname formid formtitle pagename pagetitle pagevariant eventname eventtype sitename filename hostname
    listname listid tagname websiteid useragent remoteip ipaddress ticketsubject teamname teamid workspacename
    apikey companyid contentid messageid pageid productid accountid userip contenttype screenname planname
    productname typename fieldname templatename emailtype emailtemplate emailsubject bodyhtml phonetype emailstatus
    emailverified verifiedemail companytype companyip messagetype contenturl joinurl siteurl weburl webhookurl
    callbackurl imageurl avatarurl photourl fileurl ticketname tickettitle ticketclassname tickettype ticketstatus
    ticketurl chattitle chatname threadtitle threadname groupname grouptitle displayphonenumber phonenumberid
    trackingphonenumber formattedtrackingphonenumber quizname surveyname surveytitle funnelname workflowname
    pipelinename stagename tagtitle"""
)
"""Names that look like a field of the lead and are something else's."""
CONTAINERS = FILLERS | word_set(
    """event events details info record object contacts body response formdata fielddata values message messages
    items chat conversation conversations transcript metas json result results rows records leads submissions
    entries data leadgen bundle after new current query params raw request rawrequest inner node list persons people
    guest user_inputs profile primary survey responses userinputs prechat sender from fromfull author
    customerdetails formresponse thread threads changes change ticket requester reponses antworten respuestas scan
    order target attributes felder formular formulaire formulario formulier champs campos campi velden kontakt kunde
    interessent cliente client persona personne datos daten donnees"""
)
"""Keys that only wrap the lead's fields."""
PEOPLE = word_set("user requester profile from sender fromfull customer visitor author contact person lead")
"""Keys whose object is a person, so that its name is that person's."""
TERMS = word_set(
    """privacy policy terms conditions datenschutz datenschutzerklarung agb gdpr dsgvo rgpd captcha recaptcha
    honeypot confidentialite privacidad termini condizioni polityka prywatnosci integritetspolicy"""
)
"""Words of check boxes that say nothing about the lead or the request."""
OTHER_PEOPLE = word_set(
    """owner owners support helpdesk notify agent agents recipient recipients assigned assignee rep reps
    representative host hosts organizer organiser operator operators seller sellers admin admins administrator
    vendor dealer creator manager managers employee staff moderator reviewer approver supplier assistant spouse
    emergency reseller inviter broker salesperson salesrep empfanger bearbeiter destinataire destinatario
    proprietaire propietario createdby updatedby modifiedby assignedto referredby sentto ownedby affiliate publisher
    tofull ccfull bccfull advisor executive coordinator webmaster
    zustandig zustandiger zustandige betreuer berater verkaufer vendedor vendedora verkoper conseiller conseillere
    consulente venditore behandler saljare"""
)
"""Words of a key or label that make a value somebody else's."""
BY_THE_LEAD = word_set("submitted requested filled completed sent signed posted asked")
"""`created by`, `scanned by` and the like name somebody else; these name the lead."""
OTHER_PAIRS = frozenset(
    (
        ("assigned", "to"),
        ("sent", "to"),
        ("delivered", "to"),
        ("referrer", "email"),
        ("referrer", "mail"),
        ("referrer", "name"),
        ("referrer", "phone"),
    )
)
ASIDE = word_set(
    """previous versions history envelope headers header structure settings definition schema config credentials
    configuration template theme attachments charsets old oldvalues before formstructure fieldstructure referrer
    referer referrers previousattributes signature"""
)
"""Keys whose object tells about the form, the transport or a former state, or about who referred the lead."""
VAGUE = word_set(
    """name title url text content body description domain label product plan page notes note position channel
    account web key type details role users interest question questions comment organization subscribe contact
    message names request solution nom cell business marketing html land ort job"""
)
"""Names that mean the person or the request only at the top or inside a container such as `contact` or `fields`."""
