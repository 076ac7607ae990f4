"""Hints at what a site is made with: the hosts that its scripts, styles, frames and pictures come from, and its generator."""

from collections.abc import Iterable
from urllib.parse import urlsplit

HOSTS = {
    "googletagmanager.com": "Google Tag Manager", "google-analytics.com": "Google Analytics",
    "js.hs-scripts.com": "HubSpot", "js.hsforms.net": "HubSpot", "js.hs-analytics.net": "HubSpot",
    "hubspotusercontent.com": "HubSpot",
    "js.hs-banner.com": "HubSpot", "hs-sites.com": "HubSpot", "pardot.com": "Pardot", "salesforceliveagent.com": "Salesforce",
    "force.com": "Salesforce", "salesforce-sites.com": "Salesforce", "mktoresp.com": "Marketo", "marketo.net": "Marketo",
    "munchkin.marketo.net": "Marketo", "widget.intercom.io": "Intercom", "intercomcdn.com": "Intercom",
    "js.driftt.com": "Drift", "static.zdassets.com": "Zendesk", "zopim.com": "Zendesk", "cdn.shopify.com": "Shopify",
    "myshopify.com": "Shopify", "static.wixstatic.com": "Wix", "parastorage.com": "Wix", "squarespace.com": "Squarespace",
    "squarespace-cdn.com": "Squarespace", "assets.website-files.com": "Webflow", "website-files.com": "Webflow",
    "cdn.segment.com": "Segment", "cdn.mxpnl.com": "Mixpanel", "cdn.amplitude.com": "Amplitude", "static.hotjar.com": "Hotjar",
    "script.hotjar.com": "Hotjar", "js.stripe.com": "Stripe", "paypal.com": "PayPal", "typeform.com": "Typeform",
    "assets.calendly.com": "Calendly", "list-manage.com": "Mailchimp", "chimpstatic.com": "Mailchimp", "klaviyo.com": "Klaviyo",
    "trackcmp.net": "ActiveCampaign", "connect.facebook.net": "Meta Pixel", "snap.licdn.com": "LinkedIn Insight Tag",
    "bat.bing.com": "Microsoft Advertising", "clarity.ms": "Microsoft Clarity", "cookielaw.org": "OneTrust",
    "consent.cookiebot.com": "Cookiebot", "usercentrics.eu": "Usercentrics", "cdn.optimizely.com": "Optimizely",
    "visualwebsiteoptimizer.com": "VWO", "browser.sentry-cdn.com": "Sentry", "js-agent.newrelic.com": "New Relic",
    "cloudflareinsights.com": "Cloudflare", "client.crisp.chat": "Crisp", "code.tidio.co": "Tidio", "embed.tawk.to": "tawk.to",
    "livechatinc.com": "LiveChat", "wchat.freshchat.com": "Freshworks", "freshdesk.com": "Freshworks",
    "plausible.io": "Plausible", "matomo.cloud": "Matomo", "fullstory.com": "FullStory", "cdn.pendo.io": "Pendo",
    "js.qualified.com": "Qualified", "tag.clearbitscripts.com": "Clearbit", "ws.zoominfo.com": "ZoomInfo",
    "tag.demandbase.com": "Demandbase", "j.6sc.co": "6sense", "fast.wistia.com": "Wistia", "player.vimeo.com": "Vimeo",
    "boards.greenhouse.io": "Greenhouse", "jobs.lever.co": "Lever", "personio.de": "Personio", "statuspage.io": "Statuspage",
    "userlike-cdn-widgets.s3-eu-west-1.amazonaws.com": "Userlike", "zoho.com": "Zoho", "salesiq.zoho.eu": "Zoho",
    "unbounce.com": "Unbounce", "cdn.contentful.com": "Contentful", "images.ctfassets.net": "Contentful",
    "cdn.sanity.io": "Sanity", "cdn.prismic.io": "Prismic", "algolia.net": "Algolia", "prestashop.com": "PrestaShop",
}  # fmt: skip
"""A host, with everything below it, that serves a product to the sites that use it."""
GENERATORS = {
    "wordpress": "WordPress", "woocommerce": "WooCommerce", "drupal": "Drupal", "joomla": "Joomla", "typo3": "TYPO3",
    "wix": "Wix",
    "webflow": "Webflow", "shopify": "Shopify", "hubspot": "HubSpot", "ghost": "Ghost", "hugo": "Hugo", "jekyll": "Jekyll",
    "gatsby": "Gatsby", "next.js": "Next.js", "astro": "Astro", "contao": "Contao", "squarespace": "Squarespace",
    "prestashop": "PrestaShop", "magento": "Magento", "shopware": "Shopware", "docusaurus": "Docusaurus", "framer": "Framer",
    "elementor": "Elementor", "sitecore": "Sitecore", "weebly": "Weebly", "jimdo": "Jimdo", "duda": "Duda",
    "craft cms": "Craft CMS",
}  # fmt: skip


def hinted(parts: Iterable[str], generator: str) -> dict[str, str]:
    """Products, each with what points to it: an address as the page has it, or its generator."""
    found: dict[str, str] = {}
    for part in parts:
        product = _product(part)
        if product:
            found.setdefault(product, part)
    said = generator.lower()
    for word, product in GENERATORS.items():
        if said.startswith(word) or f" {word}" in said:
            found.setdefault(product, generator)
    if not any("wp-content" in source for source in found.values()):
        for part in parts:
            if "/wp-content/" in part or "/wp-includes/" in part:
                found.setdefault("WordPress", part)
                break
    return found


def _product(address: str) -> str:
    try:
        host = (urlsplit(address).hostname or "").lower() if "//" in address[:10] else ""
    except ValueError:
        return ""
    labels = host.split(".")
    return next((HOSTS[name] for at in range(len(labels)) if (name := ".".join(labels[at:])) in HOSTS), "")
