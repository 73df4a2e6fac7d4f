"""The sample's feeds, written as the platform behind each of them writes its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from monitor.demo.simulate import Contribution, Life

ZONE = ZoneInfo("Europe/Copenhagen")
SUMMARY_CHARS = 60


@dataclass(frozen=True, slots=True)
class Site:
    """A channel as its feeds name it. ``window`` is how many entries a feed of it shows."""

    base: str
    """Its address, without a slash at the end."""
    title: str
    about: str
    language: str = "da"
    window: int = 10


# --- Shared ---


def cdata(text: str) -> str:
    """The text in a CDATA section, which it cannot end."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def rfc822(time: int) -> str:
    """A moment (Unix seconds) as RSS dates it."""
    return format_datetime(datetime.fromtimestamp(time, UTC))


def rfc3339(time: int, timespec: str = "seconds") -> str:
    """A moment (Unix seconds) as Atom dates it, on the site's own clock."""
    return datetime.fromtimestamp(time, ZONE).isoformat(timespec=timespec)


def slug(title: str) -> str:
    """A title as it is written in an address."""
    plain = title.lower().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def paragraph(text: str) -> str:
    """Plain text as HTML."""
    return f"<p>{escape(text)}</p>"


def replies_by_thread(life: Life) -> dict[int, int]:
    """How many replies each thread has."""
    return {thread: len(members) - 1 for thread, members in life.threads.items()}


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts) + "\n"


def _last(life: Life) -> int:
    return life.contributions[-1].time if life.contributions else 0


# --- WordPress ---

_WORDPRESS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:wfw="http://wellformedweb.org/CommentAPI/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:atom="http://www.w3.org/2005/Atom"
	xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
	xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
	>
<channel>"""
_COMMENT_TITLES = {
    "da": ("Kommentarer til {}", "Kommentar til {} af {}"),
    "en": ("Comments for {}", "Comment on {} by {}"),
}


def _wordpress_head(site: Site, title: str, path: str, last: int) -> str:
    return f"""{_WORDPRESS}
	<title>{escape(title)}</title>
	<atom:link href="{site.base}{path}" rel="self" type="application/rss+xml" />
	<link>{site.base}</link>
	<description>{escape(site.about)}</description>
	<lastBuildDate>{rfc822(last)}</lastBuildDate>
	<language>{"da-DK" if site.language == "da" else "en-US"}</language>
	<sy:updatePeriod>
	hourly	</sy:updatePeriod>
	<sy:updateFrequency>
	1	</sy:updateFrequency>
	<generator>https://wordpress.org/?v=6.6.2</generator>"""


def _wordpress_link(site: Site, post: Contribution) -> str:
    day = datetime.fromtimestamp(post.time, ZONE)
    return f"{site.base}/{day:%Y/%m/%d}/{slug(post.title)}/"


def wordpress_posts(site: Site, life: Life) -> str:
    """``/feed/``: the newest posts, each with the number of its comments."""
    counts = replies_by_thread(life)
    items = (_wordpress_post(site, post, counts[post.thread]) for post in life.posts[: site.window])
    return _lines([_wordpress_head(site, site.title, "/feed/", _last(life)), *items, "</channel>\n</rss>"])


def _wordpress_post(site: Site, post: Contribution, replies: int) -> str:
    link = _wordpress_link(site, post)
    return f"""	<item>
		<title>{escape(post.title)}</title>
		<link>{link}</link>
					<comments>{link}#{"comments" if replies else "respond"}</comments>

		<dc:creator>{cdata(post.author)}</dc:creator>
		<pubDate>{rfc822(post.time)}</pubDate>
				<category>{cdata(post.title.partition(":")[0])}</category>
		<guid isPermaLink="false">{site.base}/?p={post.number}</guid>

					<description>{cdata(post.text)}</description>
										<content:encoded>{cdata(paragraph(post.text))}</content:encoded>

					<wfw:commentRss>{link}feed/</wfw:commentRss>
			<slash:comments>{replies}</slash:comments>
			</item>"""


def wordpress_comments(site: Site, life: Life) -> str:
    """``/comments/feed/``: the newest comments to any post."""
    posts = {post.thread: post for post in life.posts}
    shown = life.replies[: site.window]
    last = shown[0].time if shown else _last(life)
    title = _COMMENT_TITLES[site.language][0].format(site.title)
    items = (_wordpress_comment(site, posts[comment.thread], comment) for comment in shown)
    return _lines([_wordpress_head(site, title, "/comments/feed/", last), *items, "</channel>\n</rss>"])


def _wordpress_comment(site: Site, post: Contribution, comment: Contribution) -> str:
    title = _COMMENT_TITLES[site.language][1].format(post.title, comment.author)
    return f"""	<item>
		<title>
		{escape(title)}		</title>
		<link>{_wordpress_link(site, post)}#comment-{comment.number}</link>

		<dc:creator>{cdata(comment.author)}</dc:creator>
		<pubDate>{rfc822(comment.time)}</pubDate>
		<guid isPermaLink="false">{site.base}/?p={post.number}#comment-{comment.number}</guid>

					<description>{cdata(comment.text)}</description>
			<content:encoded>{cdata(paragraph(comment.text))}</content:encoded>
			</item>"""


# --- Discourse ---

_DISCOURSE = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:discourse="http://www.discourse.org/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>"""
_DISCOURSE_WORDS = {
    "da": ("Seneste emner", "Seneste indlæg", "indlæg", "indlæg", "deltager", "deltagere", "Læs hele emnet"),
    "en": ("Latest topics", "Latest posts", "post", "posts", "participant", "participants", "Read full topic"),
}
TOPICS = 30
"""A list of topics shows so many, whatever the site's settings."""


def username(name: str) -> str:
    """A name as Discourse spells its users: ``Eksempel Support`` is ``eksempel_support``."""
    return slug(name).replace("-", "_")


def discourse_topics(site: Site, life: Life) -> str:
    """``/latest.rss``: the topics last written in, each dated by its first post."""
    words = _DISCOURSE_WORDS[site.language]
    head = f"""{_DISCOURSE}
    <title>{escape(site.title)} - {words[0]}</title>
    <link>{site.base}/latest</link>
    <description>{words[0]}</description>
      <lastBuildDate>{rfc822(_last(life))}</lastBuildDate>
      <atom:link href="{site.base}/latest.rss" rel="self" type="application/rss+xml" />"""
    items = (_discourse_topic(site, members) for members in list(life.threads.values())[:TOPICS])
    return _lines([head, *items, "  </channel>\n</rss>"])


def _discourse_topic(site: Site, members: Sequence[Contribution]) -> str:
    first, count, people = members[0], len(members), len({one.author for one in members})
    _, _, post, posts, participant, participants, full = _DISCOURSE_WORDS[site.language]
    size = f"{count} {posts if count > 1 else post} - {people} {participants if people > 1 else participant}"
    link = _topic_link(site, first)
    return f"""        <item>
          <title>{escape(first.title)}</title>
          <dc:creator>{cdata(username(first.author))}</dc:creator>
          <category>{escape(first.title.partition(":")[0])}</category>
          <description>{
        cdata(f'''
            {paragraph(first.text)}
            <p><small>{size}</small></p>
            <p><a href="{link}">{full}</a></p>
          ''')
    }</description>
          <link>{link}</link>
          <pubDate>{rfc822(first.time)}</pubDate>
          <discourse:topicPinned>No</discourse:topicPinned>
          <discourse:topicClosed>No</discourse:topicClosed>
          <discourse:topicArchived>No</discourse:topicArchived>
          <guid isPermaLink="false">{_host(site)}-topic-{first.thread}</guid>
          <source url="{link}.rss">{escape(first.title)}</source>
        </item>"""


def discourse_posts(site: Site, life: Life) -> str:
    """``/posts.rss``: the newest posts and replies of all topics."""
    words = _DISCOURSE_WORDS[site.language]
    head = f"""{_DISCOURSE}
    <title>{escape(site.title)} - {words[1]}</title>
    <link>{site.base}</link>
    <description>{words[1]}</description>"""
    items = (_discourse_post(site, one) for one in reversed(life.contributions[-site.window :]))
    return _lines([head, *items, "  </channel>\n</rss>"])


def _discourse_post(site: Site, one: Contribution) -> str:
    return f"""      <item>
        <title>{escape(one.title)}</title>
        <dc:creator>{cdata(f"@{username(one.author)} {one.author}")}</dc:creator>
        <description>{cdata(f" {paragraph(one.text)} ")}</description>
        <link>{_topic_link(site, one)}/{one.place}</link>
        <pubDate>{rfc822(one.time)}</pubDate>
        <guid isPermaLink="false">{_host(site)}-post-{one.number}</guid>
      </item>"""


def _topic_link(site: Site, one: Contribution) -> str:
    return f"{site.base}/t/{slug(one.title)}/{one.thread}"


def _host(site: Site) -> str:
    return urlsplit(site.base).hostname or ""


# --- Blogger ---

BLOG = 4_200_000_000_000_000_001
"""Blogger numbers blogs and entries alike."""


def _blogger_head(site: Site, title: str, path: str, last: int, total: int) -> str:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<?xml-stylesheet href="http://www.blogger.com/styles/atom.css" type="text/css"?>'
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:openSearch='http://a9.com/-/spec/opensearchrss/1.0/'"
        " xmlns:blogger='http://schemas.google.com/blogger/2008' xmlns:gd='http://schemas.google.com/g/2005'"
        " xmlns:thr='http://purl.org/syndication/thread/1.0'>"
        f"<id>tag:blogger.com,1999:blog-{BLOG}{'.comments' if 'comments' in path else ''}</id>"
        f"<updated>{rfc3339(last, 'milliseconds')}</updated><title type='text'>{escape(title)}</title>"
        f"<subtitle type='html'>{escape(site.about)}</subtitle>"
        f"<link rel='http://schemas.google.com/g/2005#feed' type='application/atom+xml' href='{site.base}{path}'/>"
        f"<link rel='self' type='application/atom+xml' href='{site.base}{path}'/>"
        f"<link rel='alternate' type='text/html' href='{site.base}/'/>"
        "<generator version='7.00' uri='http://www.blogger.com'>Blogger</generator>"
        f"<openSearch:totalResults>{total}</openSearch:totalResults><openSearch:startIndex>1</openSearch:startIndex>"
        f"<openSearch:itemsPerPage>{site.window}</openSearch:itemsPerPage>"
    )


def _blogger_id(one: Contribution) -> str:
    return f"tag:blogger.com,1999:blog-{BLOG}.post-{BLOG + one.number}"


def _blogger_link(site: Site, post: Contribution) -> str:
    return f"{site.base}/{datetime.fromtimestamp(post.time, ZONE):%Y/%m}/{slug(post.title)}.html"


def _blogger_person(one: Contribution) -> str:
    return f"<author><name>{escape(one.author)}</name><email>noreply@blogger.com</email></author>"


def blogger_posts(site: Site, life: Life) -> str:
    """``/feeds/posts/default``: the newest posts, each with the number of its comments."""
    counts, posts = replies_by_thread(life), life.posts
    head = _blogger_head(site, site.title, "/feeds/posts/default", _last(life), len(posts))
    entries = (_blogger_post(site, post, counts[post.thread]) for post in posts[: site.window])
    return "".join([head, *entries, "</feed>\n"])


def _blogger_post(site: Site, post: Contribution, replies: int) -> str:
    link, moment = _blogger_link(site, post), rfc3339(post.time, "milliseconds")
    comments = f"{site.base}/feeds/{BLOG + post.number}/comments/default"
    return (
        f"<entry><id>{_blogger_id(post)}</id><published>{moment}</published><updated>{moment}</updated>"
        f"<title type='text'>{escape(post.title)}</title>"
        f"<content type='html'>{escape(paragraph(post.text))}</content>"
        f"<link rel='replies' type='application/atom+xml' href='{comments}' title='Kommentarer til indlægget'/>"
        f"<link rel='replies' type='text/html' href='{link}#comment-form' title='{replies} kommentarer'/>"
        f"<link rel='self' type='application/atom+xml' href='{site.base}/feeds/posts/default/{BLOG + post.number}'/>"
        f"<link rel='alternate' type='text/html' href='{link}' title={quoteattr(post.title)}/>"
        f"{_blogger_person(post)}<thr:total>{replies}</thr:total></entry>"
    )


def blogger_comments(site: Site, life: Life) -> str:
    """``/feeds/comments/default``: the newest comments, each with the post it answers."""
    posts, replies = {post.thread: post for post in life.posts}, life.replies
    last = replies[0].time if replies else _last(life)
    head = _blogger_head(site, site.title, "/feeds/comments/default", last, len(replies))
    entries = (_blogger_comment(site, posts[one.thread], one) for one in replies[: site.window])
    return "".join([head, *entries, "</feed>\n"])


def _blogger_comment(site: Site, post: Contribution, comment: Contribution) -> str:
    link, moment = _blogger_link(site, post), rfc3339(comment.time, "milliseconds")
    number = BLOG + comment.number
    own = f"{site.base}/feeds/{BLOG + post.number}/comments/default/{number}"
    page = f"{link}?showComment={comment.time * 1000}#c{number}"
    return (
        f"<entry><id>{_blogger_id(comment)}</id><published>{moment}</published><updated>{moment}</updated>"
        f"<title type='text'>{escape(comment.text[:SUMMARY_CHARS])}...</title>"
        f"<content type='html'>{escape(comment.text)}</content>"
        f"<link rel='self' type='application/atom+xml' href='{own}'/>"
        f"<link rel='alternate' type='text/html' href='{page}' title=''/>{_blogger_person(comment)}"
        f"<thr:in-reply-to href='{link}' ref='{_blogger_id(post)}'"
        f" source='{site.base}/feeds/posts/default/{BLOG + post.number}' type='text/html'/></entry>"
    )


# --- phpBB ---

FORUM = "Prøvebænken"


def phpbb(site: Site, life: Life) -> str:
    """``/feed``: the newest posts of the board, replies told by their titles."""
    own = f"{site.base}/feed"
    head = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}">
	<link rel="self" type="application/atom+xml" href="{own}" />

	<title>{escape(site.title)}</title>
	<subtitle>{escape(site.about)}</subtitle>
	<link href="{site.base}/index.php" />
	<updated>{rfc3339(_last(life))}</updated>

	<author><name>{cdata(site.title)}</name></author>
	<id>{own}</id>
"""
    entries = (_phpbb_entry(site, one) for one in reversed(life.contributions[-site.window :]))
    return _lines([head, *entries, "</feed>"])


def _phpbb_entry(site: Site, one: Contribution) -> str:
    link = f"{site.base}/viewtopic.php?t={one.thread}&amp;p={one.number}#p{one.number}"
    moment, written = rfc3339(one.time), f"{datetime.fromtimestamp(one.time, ZONE):%d. %m. %Y, %H:%M}"
    statistics = f"<p>Statistik: Skrevet af {escape(one.author)} — {written}</p><hr />"
    return f"""	<entry>
		<author><name>{cdata(one.author)}</name></author>
		<updated>{moment}</updated>

		<published>{moment}</published>
		<id>{link}</id>
		<link href="{link}"/>
		<title type="html">{cdata(f"{FORUM} • {'Re: ' if one.place > 1 else ''}{escape(one.title)}")}</title>

					<category term="{FORUM}" scheme="{site.base}/viewforum.php?f=2" label="{FORUM}"/>

		<content type="html" xml:base="{link}">{cdata(f"{escape(one.text)}{statistics}")}</content>
	</entry>"""


# --- No platform: RSS as many a newsletter tool writes it ---


def plain_rss(site: Site, life: Life) -> str:
    """``/feed.xml``: the newest issues, and nothing else."""
    head = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{escape(site.title)}</title>
<link>{site.base}/</link>
<description>{escape(site.about)}</description>
<language>{site.language}</language>
<lastBuildDate>{rfc822(_last(life))}</lastBuildDate>"""
    return _lines([head, *(_issue(site, one) for one in life.posts[: site.window]), "</channel>\n</rss>"])


def _issue(site: Site, one: Contribution) -> str:
    link = f"{site.base}/{datetime.fromtimestamp(one.time, ZONE):%Y-%m}"
    return f"""<item>
<title>{escape(one.title)}</title>
<link>{link}</link>
<guid>{link}</guid>
<pubDate>{rfc822(one.time)}</pubDate>
<dc:creator>{escape(one.author)}</dc:creator>
<description>{escape(paragraph(one.text))}</description>
</item>"""
