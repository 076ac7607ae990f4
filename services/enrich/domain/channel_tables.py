"""Words, hosts and click ids -> where a lead came from. Lists collected by hand from the tools' own documentation."""

from collections.abc import Mapping


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {word: label for label, words in table.items() for word in words.split()}


PAID_MEDIA = _by_word({
    "search": "paidsearch searchpaid searchads searchad sem googleads adwords shopping pmax",
    "social": "paidsocial socialpaid socialads paidsm smpaid paidsocialmedia",
    "display": """display banner banners cpm gdn programmatic retargeting remarketing native nativeads displayads
        interstitial
        discovery demandgen""",
    "video": "paidvideo videoads preroll ctv cpv",
    "click": "cpc ppc cpa cpl paidclick payperclick",
    "any": "paid ads ad advertising sponsored paidmedia sponsorship paidreferral",
})  # fmt: skip
"""`utm_medium` of what was paid for. `click` and `any` tell the channel together with the source."""

MEDIA = _by_word({
    "email": """email mail newsletter newsletters nl mailing emailing edm emailmarketing drip autoresponder
        emailcampaign coldemail
        outreach transactional emailnewsletter""",
    "organic_social": "social organicsocial socialorganic sm socialmedia socialnetwork socialpost smo post story bio",
    "organic_search": "organic seo organicsearch searchorganic naturalsearch",
    "ai_assistant": "ai llm aiassistant aisearch chatbot",
    "referral": "referral link backlink referrer",
    "partner": "partner partners reseller partnership channelpartner comarketing integration marketplace",
    "affiliate": "affiliate affiliates affiliation",
    "event": "event events webinar webinars tradeshow conference messe fair booth meetup roadshow qr qrcode",
    "content": "podcast content video blog ebook whitepaper pr press article guide youtube",
    "review_site": "review reviews reviewsite",
    "sms": "sms mms text whatsapp messenger push telegram webpush pushnotification",
    "direct": "none direct",
})  # fmt: skip

SOURCES = _by_word({
    "organic_search": """google bing duckduckgo yahoo ecosia baidu qwant yandex startpage brave naver daum seznam
        sogou kagi googleads
        adwords bingads microsoftads msads aol ask swisscows so360""",
    "organic_social": """linkedin lnkd facebook fb instagram ig meta twitter x tco xing reddit tiktok youtube yt
        threads mastodon bluesky
        bsky pinterest snapchat whatsapp telegram vk quora hackernews producthunt linkedinads facebookads metaads
        tiktokads
        redditads twitterads instagramads discord slack weibo wechat line kakao""",
    "ai_assistant": """chatgpt openai perplexity gemini copilot claude anthropic mistral lechat deepseek grok youcom
        phind metaai bard
        poe""",
    "email": """newsletter email mail mailchimp hsemail hubspotemail klaviyo brevo sendinblue mailerlite
        activecampaign convertkit
        marketo pardot customerio sendgrid mailjet beehiiv substack cleverreach rapidmail hsautomation lemlist
        outlook gmail
        constantcontact campaignmonitor getresponse""",
    "review_site": """g2 g2crowd capterra getapp softwareadvice trustpilot trustradius gartner peerspot omr
        omrreviews sourceforge
        crozdesk clutch goodfirms softwaresuggest saasworthy appvizer financesonline trustedshops kununu""",
    "affiliate": "impact awin shareasale cj commissionjunction rakuten partnerstack rewardful clickbank tradedoubler admitad",
    "direct": "direct",
    "sms": "sms",
    "event": "event webinar qr qrcode",
    "partner": "partner partners",
    "referral": "referral",
})  # fmt: skip
"""`utm_source` as word, or as the first label of a host."""
HOSTS = _by_word({
    "ai_assistant": """chatgpt.com chat.openai.com openai.com perplexity.ai gemini.google.com bard.google.com
        aistudio.google.com
        notebooklm.google.com copilot.microsoft.com copilot.cloud.microsoft m365.cloud.microsoft claude.ai
        chat.mistral.ai
        mistral.ai chat.deepseek.com deepseek.com grok.com x.ai meta.ai you.com phind.com poe.com pi.ai chat.qwen.ai
        kimi.com
        doubao.com duck.ai huggingface.co""",
    "email": """mail.google.com outlook.live.com outlook.office.com outlook.office365.com mail.yahoo.com mailchi.mp
        campaign-archive.com list-manage.com mail.proton.me mail.aol.com e.mail.ru webmail.t-online.de
        email.t-online.de
        navigator.gmx.net navigator.web.de mail.zoho.com com.google.android.gm mail.qq.com sendgrid.net
        mailer.hubspot.com
        hubspotemail.net hs-sites.com klclick.com sendibt2.com sibautomation.com beehiiv.com substack.com mail.163.com
        createsend.com cmail19.com mailerlite.com rapidmail.de cleverreach.com""",
    "review_site": """g2.com g2crowd.com capterra.com getapp.com softwareadvice.com trustpilot.com trustradius.com
        gartner.com
        peerspot.com omr.com sourceforge.net crozdesk.com clutch.co goodfirms.co softwaresuggest.com saasworthy.com
        appvizer.com appvizer.de appvizer.fr financesonline.com alternativeto.net trusted-reviews.com slashdot.org""",
    "affiliate": """awin1.com awin.com shareasale.com pxf.io sjv.io 7eer.net anrdoezrs.net dpbolvw.net jdoqocy.com
        kqzyfj.com
        tkqlhce.com linksynergy.com clickbank.net partnerstack.com tradedoubler.com go2cloud.org impact.com
        admitad.com
        prf.hn webgains.com financeads.net""",
    "organic_social": """linkedin.com lnkd.in com.linkedin.android facebook.com fb.com fb.me messenger.com
        instagram.com twitter.com
        x.com t.co com.twitter.android xing.com reddit.com com.reddit.frontpage tiktok.com youtube.com youtu.be
        threads.net
        threads.com mastodon.social bsky.app pinterest.com pin.it snapchat.com vk.com quora.com news.ycombinator.com
        telegram.org t.me web.whatsapp.com whatsapp.com wa.me discord.com weibo.com producthunt.com
        com.facebook.katana
        lemmy.world""",
    "organic_search": """bing.com duckduckgo.com search.yahoo.com search.yahoo.co.jp ecosia.org baidu.com qwant.com
        startpage.com
        search.brave.com brave.com naver.com search.naver.com daum.net seznam.cz sogou.com kagi.com ask.com aol.com
        swisscows.com metager.de so.com yahoo.com yahoo.co.jp com.google.android.googlequicksearchbox mojeek.com
        presearch.com suche.t-online.de suche.web.de suche.gmx.net search.aol.com lens.google.com news.google.com""",
})  # fmt: skip
"""Hosts of referrers, each with everything below it; the longest that fits counts."""
MANY_SUFFIXES = {
    "google": "organic_search", "yandex": "organic_search", "yahoo": "organic_search", "capterra": "review_site",
    "trustpilot": "review_site", "getapp": "review_site", "pinterest": "organic_social", "amazon": "referral",
    "softwareadvice": "review_site", "xing": "organic_social",
}  # fmt: skip
"""Sites with a domain in every country, by the label before the suffix. Google's and Yandex's only as themselves,
        `www` or
a search page: documents and accounts are no searches."""
SEARCH_LABELS = frozenset(("", "www", "m", "search", "images", "cse", "suche", "lite"))

CLICK_IDS: Mapping[str, tuple[str, str, float]] = {
    "gclid": ("paid_search", "Google Ads", 0.85),
    "gbraid": ("paid_search", "Google Ads", 0.85),
    "wbraid": ("paid_search", "Google Ads", 0.85),
    "gad_source": ("paid_search", "Google Ads", 0.8),
    "msclkid": ("paid_search", "Microsoft Advertising", 0.85),
    "yclid": ("paid_search", "Yandex Direct", 0.85),
    "dclid": ("display", "Google Display & Video 360", 0.85),
    "li_fat_id": ("paid_social", "LinkedIn Ads", 0.85),
    "ttclid": ("paid_social", "TikTok Ads", 0.85),
    "twclid": ("paid_social", "X Ads", 0.85),
    "rdt_cid": ("paid_social", "Reddit Ads", 0.85),
    "sccid": ("paid_social", "Snapchat Ads", 0.85),
    "epik": ("paid_social", "Pinterest Ads", 0.8),
    "qclid": ("paid_social", "Quora Ads", 0.85),
    "irclickid": ("affiliate", "impact.com", 0.85),
    "awc": ("affiliate", "Awin", 0.8),
    "sscid": ("affiliate", "ShareASale", 0.8),
    "mc_cid": ("email", "Mailchimp", 0.85),
    "mc_eid": ("email", "Mailchimp", 0.85),
    "_hsenc": ("email", "HubSpot", 0.85),
    "_hsmi": ("email", "HubSpot", 0.85),
    "mkt_tok": ("email", "Marketo", 0.85),
    "_kx": ("email", "Klaviyo", 0.8),
    "vero_id": ("email", "Vero", 0.8),
    "ck_subscriber_id": ("email", "Kit", 0.8),
    "igshid": ("organic_social", "Instagram's share button", 0.8),
    "igsh": ("organic_social", "Instagram's share button", 0.8),
    "fbclid": ("organic_social", "Facebook, on every link that leaves it, paid or not", 0.6),
}
"""Parameters that sites add to the address of a landing page: channel, who adds it, confidence."""
PLACES = {
    "google": ("gclid", "gbraid", "wbraid", "gad_source", "dclid"), "bing": ("msclkid",), "yandex": ("yclid",),
    "yahoo": ("msclkid",), "microsoft": ("msclkid",), "linkedin": ("li_fat_id",), "tiktok": ("ttclid",),
    "twitter": ("twclid",), "x": ("twclid",), "reddit": ("rdt_cid",), "snapchat": ("sccid",), "pinterest": ("epik",),
    "quora": ("qclid",), "youtube": ("gclid", "gbraid", "wbraid"),
}  # fmt: skip
"""A source with the click ids of its advertisements: the id says that the visit was paid for."""
