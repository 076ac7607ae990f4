"""Mail domains that say nothing about an employer: the well-known ones. Throw-away domains come from a package."""

from services.intake.domain.words import word_set

FREE_MAIL = word_set(
    """126.com 163.com abv.bg aim.com aol.com arcor.de att.net bellsouth.net bigpond.com bluewin.ch bol.com.br
    btinternet.com centrum.cz charter.net comcast.net cox.net daum.net docomo.ne.jp duck.com earthlink.net email.com
    email.cz eircom.net ezweb.ne.jp fastmail.com fastmail.fm foxmail.com free.fr freenet.de frontier.com gmail.com
    gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com home.nl hotmail.co.uk hotmail.com
    hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl hushmail.com icloud.com ig.com.br inbox.com inbox.lv
    inbox.ru interia.pl juno.com kpnmail.nl laposte.net libero.it list.ru live.ca live.co.uk live.com live.de
    live.fr live.it live.nl mac.com mail.com mail.ee mail.ru mailbox.org me.com msn.com naver.com neuf.fr o2.pl
    online.de online.no onet.pl optonline.net optusnet.com.au orange.fr outlook.com outlook.de outlook.es outlook.fr
    outlook.it pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com
    rocketmail.com rogers.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com sohu.com
    softbank.ne.jp sympatico.ca t-online.de talktalk.net telenet.be telia.com terra.com.br tiscali.it tuta.com
    tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com volny.cz wanadoo.fr web.de windstream.net wp.pl
    xtra.co.nz ya.ru yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au
    yahoo.com.br yahoo.com.mx yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net ymail.com ziggo.nl
    zohomail.com"""
)
