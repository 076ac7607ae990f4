"""English; its table also says what each key of a language's table holds."""

ENGLISH = {
    # word=value; units and seasons in days and months
    "n": "a=1 an=1 one=1 two=2 couple=2 three=3 few=3 four=4 several=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10"
    " eleven=11 twelve=12 fourteen=14 fifteen=15 twenty=20 thirty=30 forty=40 fifty=50 sixty=60 eighty=80 hundred=100",
    "unit": """day=1 days=1 week=7 weeks=7 wk=7 wks=7 fortnight=14 month=30 months=30 quarter=91 quarters=91 year=365
        years=365""",
    "month": "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept"
    " october|oct november|nov december|dec",
    "weekday": "monday|mon tuesday|tue wednesday|wed thursday|thu friday|fri saturday|sat sunday|sun",
    "season": "spring=3 summer=6 autumn=9 fall=9 winter=12 easter=4 christmas=12 xmas=12",
    # when: phrases by what they say (see `when.py`)
    "span": """in|within (the) (next|coming) (a) (about|around|roughly|maybe) (less|under) (than) <n> (of|or)
        (so|business|working) <unit>;
        <n> (business|working) <unit> from now; <n> <unit> left|away|time|remaining; only (have) <n> <unit>;
        next|coming <n> <unit>; have <n> <unit> to;
        in a <unit> 's time; before <n> <unit> are over; fortnight""",
    "next": """the <unit> after this""",
    "next:7": "next|coming|following week",
    "next:30": "next|coming|following month",
    "next:91": "next|coming|following quarter",
    "next:365": "next|coming|following year; before|in the new year",
    "this": """this|current|same <unit>; within|during the <unit>""",
    "end": """(the) end of (the|this) <unit>; <unit> end""",
    "end:7": "eow",
    "end:30": "eom",
    "end_next": """end of next <unit>""",
    "month_at": """in|by|before|until|till|from|starting|start|starts|for|during|next
        (of|the|in|early|mid|late|end|beginning) (of|the) <month> (of) (<year>);
        this|early|mid|late|end|around|live|beginning|ending|expires|in-time (of|the|in|early|mid|late|end|beginning)
        (of|the) <month> (of) (<year>); <month> deadline|launch|start|renewal|kickoff|release|go-live""",
    "weekday_at": """by|on|next|until|till|before|this|coming|for|from|due|starts|latest|come (next|this) <weekday>;
        <weekday> next|latest|morning""",
    "season_at": """in|by|before|until|till|for|this|next|during|over|from|starting|early|late
        (the|early|late|next|this|of) <season>; before (the) holiday|peak|festive season|holidays; holiday|peak|busy
        season is|starts|begins""",
    "season_year": """<season> <year>""",
    "season_after": """after|post (the) <season>""",
    "quarter_at": """q <n> (of) (<year>); <n> q (<year>);  quarter; (the) <ordinal> quarter (of) (<year>); h <n>
        <year>""",
    "ordinal": "first=1 second=2 third=3 fourth=4 last=4",
    "year_at": """in|by|before|until|during|for|from (the|early|late|mid|end|beginning) (of) <year>""",
    # how soon, without a date
    "high": """urgent|urgently; urgency; asap; as soon|quickly|fast as possible|possibly|you; immediate|immediately;
        right away|now; straight away; at once;
        emergency; tonight; by tomorrow; until tomorrow; today please|already|if;
        call|phone|ring|reply|talk|speak|help|start|need|answer|contact|live|decide|back .. today;
        yesterday already; needed yesterday; since yesterday; since this morning; this morning; since|as of today;
        need|needs|want|must|have|require .. fast|quickly|quick|immediately|now; can't|cannot wait; time-critical;
        time critical|pressing;
        very|quite|pretty|most soon; top priority; high priority; hard|tight|short deadline; short notice; deadline
        is|was tomorrow|today;
        is|are|went|go|goes|been|was|gone down|offline; broke down|today; died today|yesterday|overnight|again;
        is|are|has|have completely
        broken|collapsed|failing|crashed; stopped|quit|quits working|answering|today;
        not working (any) (more|longer); doesn|don|isn t work|working (anymore|since); is on fire; are|is
        overloaded|overwhelmed since|today|now; bleeding customers|money;
        losing|lose customers|calls|orders every|each|right|daily; please hurry; in a hurry; under time|great|huge
        pressure""",
    "low": """no|zero|without|isn|any (particular|real|big|great|specific) rush|hurry|deadline|urgency|pressure;
        not|n't|t|nothing|never|isn|hardly (really|very|at|that|super|so|too|all|particularly|remotely)
        urgent|pressing;
        not|t|never in (a|any|no) (great|big) hurry|rush; no time pressure; no fixed timeline|date; take|taking
        our|your time; whenever you|it|there|suits|convenient; no|without timeline|timeframe (yet);
        in the distant future; long term only; some day; someday; one day perhaps; not before next year; can wait;
        some years; years from now""",
    "exploring": """just|only|merely|simply|purely|mostly (being|doing)
        browsing|curious|looking|exploring|reading|researching|comparing (around|at|up|options);
        just|only|merely|simply|purely|mostly (being|doing)
        compare|collecting|gathering|wondering|interested|checking|learning (around|at|up|options);
        exploring|looking|evaluating|gathering|weighing (at|our|the|some) options|possibilities|ideas|information;
        early stage|stages|days|phase; keep us|me|you on|in your|the|mind list|loop; nothing (is)
        planned|concrete|decided|specific (yet); nothing concrete; out of curiosity; for later|future; at some point;
        eventually; sometime; maybe later; later on; not ready|planning (to) (buy|yet); no plans|plan
        yet|currently""",
    "medium": """soon; shortly; in the (very) near future; near term; coming|next weeks|months; within the year|next
        weeks|months|coming; over|during the next|coming weeks|months;
        in good time; before the season; (the) rollout|decision|launch|project|pilot|implementation (is)
        planned|scheduled|due""",
    # what is no statement about time at all
    "void": """urgent|urgently|urgency ticket|tickets|request|requests|call|calls|case|cases|mail|mails|email;
        urgent|urgently|urgency emails|issue|issues|message|messages|ones|or|vs|from|inquiries;
        urgent|urgently|urgency enquiries|queue|patients|orders|label|flag|flags;
        how|which|most|more|whether|are|what|detect|recognise|recognize|flag .. urgent|urgency (ones|first);
        spot|find|prioritise|prioritize|rank|the|by .. urgent|urgency (ones|first); urgency level|levels; emergency
        calls|service|number|line|department|plumbing|plumber|room|cases; emergency contact|exit|numbers|services;
        right now we|our|everything|it; immediate|immediately replies|reply|answer|response|assign; soon as
        a|an|the|our|they|someone|somebody|it; every|each|per|once|twice <unit>|<weekday>|month|morning; no matter how
        urgent; tickets|calls|mails|customers|queries|requests .. urgent;
        customers|clients|callers|users|patients|guests .. within|in <n> <unit>; today's; may|might|can|will
        take|need|want|be; answered|replied|resolved|delivered|shipped|processed within|in <n> <unit>""",
    "past": """since|last|previous|past|ago|founded|established|attended|met|saw in;
        visited|bought|acquired|launched|migrated|moved|switched|introduced in; born|incorporated|existed|back in;
        started|opened in|back; been .. since; dated; copyright; invoice|order|ticket|reference|article|case
        number|no|id|from""",
    # asking for a seller
    "intent": """(book|get|have|see|want|like|for|request|schedule|arrange|a|give|show) ..
        demo|demos|demonstration|walkthrough; demo please|request; walk (me|us) through; show me|us ..
        product|how|platform|tool;
        send|get|want|need|like|for|please|request|receive|give|have|provide|share ..
        quote|quotation|proposal|offer|pricing|prices|estimate|price|pricelist|contract; quote for;
        price|pricing|cost|costs for; what|how much|does|do|would .. cost|charge;
        how much|pricey is|are|for|per|do|does|would|will; what|your|the is|are|s (the|your)
        price|pricing|prices|rates|fees|costs|licence|cost; pricing information|details|page|model|plans|please; price
        list; your|the prices|rates|pricing;
        call|phone|ring|contact me|us (back); call back|callback; (give|drop) me|us a|your call|ring;
        (start|run|set|have|try|get|begin|do|offer|is|want|free|a) .. trial|pilot|poc; free test|trial|trial; proof of
        concept;
        ready to buy|sign|start|order|purchase|proceed; next|first steps; want|like|wish|looking|need to
        buy|purchase|order|sign|subscribe; who can|could|do|should i|we talk|speak|contact|call|turn;
        can|could|may|shall|let we|us|s|i (please) talk|speak|meet|try|chat|schedule|book|discuss;
        budget (is|has|been|already) approved|there|available|allocated|signed|secured; talk|speak|connect|meet
        (to|with) sales|someone|somebody|you|an|a; schedule|book|arrange|set|have|setup|organise|organize (up)
        (a|an|some) (short|quick|first|brief|intro|video|discovery) (a)
        call|meeting|session|appointment|chat|slot|time|conversation;
        get (back|in) (to|touch) (with) me|us; reach out to me|us; sign up; sign (a|the) contract; (place|an)
        order|purchase order; contact (your|the) sales; send .. contract""",
    "intent_void": """call|calls center|centre|centers|volume|us|agents when|all|every|for|about|because|only;
        customers|clients|people|callers|patients|guests|they|users|who .. call|phone|ring|contact; call us ..
        customers|clients; our|the price list; phone|call us when""",
    # how people say who they are
    "i_am": """i am; i m; im; my role is; my job is; i work as|in|for|on; i
        run|lead|manage|head|own|oversee|direct|founded|handle; i look after; in my role as; i|am responsible for; in
        charge of; i take care of; my title is; my position is; (speaking|writing|asking) as (the|a)""",
    "as": """as a|an|head|director|vp|chief|founder|owner|manager|ceo|coo|cto""",
    "i_am_not": """looking|interested|searching|writing|trying|contacting|curious|happy|not|wondering;
        seeking|hoping|reaching|asking|sure|afraid|getting|having|comparing|after|planning;
        thinking|considering|excited|keen|sick|tired|glad""",
    "i_am_here": "here",
    "we_are": """we are; we re; i work (for|at|in); our company|firm|business|organisation|organization|team is; we
        run|operate|own|manage|make|manufacture|produce|build; i run|own|manage; we 're; my company|firm|business is;
        (i|am|m|manager|head|director|lead|leader|owner|founder|ceo|cto|coo) at|of|with a|an|our;
        (assistant|engineer|work|working|sales|support|marketing|operations) at|of|with a|an|our; on behalf of; a|an
        small|large|mid|regional|family|growing|leading|medium (sized|size|owned|run); as a|an""",
    "our": """our|my""",
    "stop": """and|but|so|because|that|which|who|where|for|to|whose|while|serving|selling|helping;
        since|with|looking|need|want|use|using|struggling|about""",
    # how many people the company has
    "size": """<n> (full|part) (time)
        employee|employees|fte|ftes|staff|workers|colleagues|coworkers|staffers|headcount; <n>
        person|people|man|employee|strong company|firm|startup|business|team|shop|agency|organisation; <n>
        person|people|man|employee|strong organization|fintech|saas|outfit|operation|manufacturer|org|retailer; <n>
        person|people|man|employee|strong consultancy|practice|company; headcount (of|is|about|around) <n>;
        team|staff|workforce|company|business|firm|employ|employs|employing
        of|about|around|over|roughly|nearly|some|is|numbering|approximately (about|around|over|roughly|some|almost)
        <n>; employ|employs|employing <n>; <n> of us; <n> person|people|man; <n> people|persons (work|working)
        (in|for|at) (our|the|us) (company|us|business|firm)""",
    "size_vague": """<n> people|persons|heads|folks""",
    "one_person": """one-man|one-woman|one-person (business|show|company|shop|band|operation); solo
        founder|entrepreneur|business; freelancer|freelance; self-employed; sole trader|proprietor; solopreneur; just
        me; one man business|show|band; myself only""",
    "size_void": """support|sales|service|marketing|it|dev|development|customer|finance|hr team (of|with|has|have|is)
        (about|around|only|just) <n> (people|persons|person|agents|employees|staff);
        success|care|call|reception|engineering|data team (of|with|has|have|is) (about|around|only|just) <n>
        (people|persons|person|agents|employees|staff); team of <n> (support|service|customer|call|phone)
        agents|reps|advisors; <n> person|people|man|strong|head
        support|sales|service|marketing|it|dev|customer|care|ops|data|success|call|cs|finance
        (team|desk|department|success|service|care); <n> agents; people per <unit>; <n> people
        a|per|each|every|call|called|calling|write|wait|waiting|ask|asked (the|our)
        (support|sales|service|marketing|queue|line); <n> people contact|visit|attend|in (the|our)
        (support|sales|service|marketing|queue|line); loan|credit|offer of <n>""",
}
"""`i_am`, `we_are`, `our` begin a self-description, `stop` ends it. A phrase of a `*void` key takes its words out of
        the reading."""
