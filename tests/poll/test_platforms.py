"""Each platform's feeds as its software writes them: which item is a post, which a reply, to what, by whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Entry, Kind
from monitor.poll.parse import parse
from monitor.poll.parsed import Parsed
from monitor.poll.platforms import RawFeed, RawItem, platforms

NOW = 1_800_000_000
POST, REPLY = Kind.POST, Kind.REPLY
DATE = "Thu, 01 Jan 2026 0{}:00:00 GMT"


def item(title: str = "", link: str = "", guid: str = "", author: str = "", hour: int = 1, more: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid or link}</guid>"
        f"<dc:creator>{author}</dc:creator><pubDate>{DATE.format(hour)}</pubDate>{more}</item>"
    )


def rss(*items: str, generator: str = "", title: str = "Forum", link: str = "https://forum.example/") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/">'
        f"<channel><title>{title}</title><link>{link}</link><generator>{generator}</generator>{''.join(items)}"
        "</channel></rss>"
    ).encode()


def entry(guid: str, link: str, title: str = "", author: str = "", hour: int = 1, more: str = "") -> str:
    return (
        f"<entry><id>{guid}</id><title>{title}</title><link href='{link}'/><author><name>{author}</name></author>"
        f"<published>2026-01-01T0{hour}:00:00Z</published>{more}</entry>"
    )


def atom(*entries: str, head: str = "") -> bytes:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" '
        f'xmlns:re="http://purl.org/atompub/rank/1.0"><title>F</title>{head}{"".join(entries)}</feed>'
    ).encode()


def read(body: bytes, platform: str, address: str = "https://forum.example/feed") -> Parsed:
    parsed = parse(body, "application/xml", address, NOW)
    assert parsed.error is None
    assert parsed.platform == platform
    return parsed


def kinds(parsed: Parsed) -> list[Kind]:
    return [one.kind for one in parsed.entries]


def threads(parsed: Parsed) -> list[str]:
    return [one.thread for one in parsed.entries]


def keys(parsed: Parsed) -> list[str]:
    return [one.key for one in parsed.entries]


def only(parsed: Parsed) -> Entry:
    (one,) = parsed.entries
    return one


COMMENT_TITLES = {
    "en": ("Comments for Havnen", "Comment on Nyt by Gry"),
    "da": ("Kommentarer til Havnen", "Kommentar til Nyt af Gry"),
    "de": ("Kommentare für Havnen", "Kommentar zu Nyt von Gry"),
    "sv": ("Kommentarer till Havnen", "Kommentarer till Nyt av Gry"),
    "nb": ("Kommentarer til: Nyt", "Av: Gry"),
    "nl": ("Reacties voor Havnen", "Reactie op Nyt door Gry"),
    "fr": ("Commentaires pour Havnen", "Commentaires sur Nyt par Gry"),
    "es": ("Comentarios en: Nyt", "Por: Gry"),
    "it": ("Commenti per Havnen", "Commenti su Nyt di Gry"),
    "fi": ("Artikkelin Nyt kommentit", "Kirjoittaja: Gry"),
    "pl": ("Komentarze do: Nyt", "Autor: Gry"),
    "pt": ("Comentários sobre: Nyt", "Por: Gry"),
}
WORDPRESS = "https://wordpress.org/?v=6.1"


@pytest.mark.parametrize("language", COMMENT_TITLES)
@pytest.mark.parametrize("link", ["https://blog.example/nyt/#comment-7", "https://blog.example/nyt/"])
def test_a_wordpress_comment_is_known_in_every_language_and_without_its_number(language: str, link: str) -> None:
    head, title = COMMENT_TITLES[language]
    guid = "https://blog.example/?p=3#comment-7"
    parsed = read(rss(item(title, link, guid, "Gry"), generator=WORDPRESS, title=head), "wordpress")
    assert (kinds(parsed), threads(parsed)) == ([REPLY], ["https://blog.example/nyt/"])
    assert only(parsed).author == "Gry"
    assert parsed.carries_replies
    assert parsed.older == ""


def test_a_wordpress_post_that_is_called_like_a_comment_stays_a_post() -> None:
    post = item("Comment on Nothing by Nobody", "https://blog.example/x/", "https://blog.example/?p=9")
    parsed = read(rss(post, generator=WORDPRESS, title="Havnen"), "wordpress", "https://blog.example/feed/?paged=4")
    assert kinds(parsed) == [POST]
    assert parsed.older == "https://blog.example/feed/?paged=5"
    assert parsed.stale_validators


def test_a_wordpress_post_names_the_feed_of_its_comments_where_the_blog_was_reached() -> None:
    more = "<wfw:commentRss>http://blog.example/x/feed/</wfw:commentRss><slash:comments>3</slash:comments>"
    body = rss(item("X", "http://blog.example/x/", more=more), generator=WORDPRESS, link="http://blog.example")
    one = only(read(body, "wordpress", "https://blog.example:8443/feed/"))
    assert (one.reply_count, one.replies_feed) == (3, "https://blog.example:8443/x/feed/")


def test_discourse_names_each_topic_s_feed_and_pages_back() -> None:
    link = "https://forum.example/t/hej/12"
    topics = read(rss(item("Hej", link, "forum.example-topic-12")), "discourse", "https://mirror.example/latest.rss")
    assert only(topics).replies_feed == "https://mirror.example/t/hej/12.rss"
    assert topics.older == "https://mirror.example/latest.rss?page=1"
    posts = [item("Hej", f"{link}/{n}", f"forum.example-post-{90 + n}") for n in (3, 2)]
    parsed = read(rss(*posts), "discourse", "https://forum.example/posts.rss")
    assert parsed.older == "https://forum.example/posts.rss?before=91"
    empty = read(rss(title="F"), "generic", "https://forum.example/posts.rss?before=91")
    assert empty.entries == ()
    assert kinds(parsed) == [REPLY, REPLY]
    assert parsed.carries_replies
    topic = read(rss(*posts), "discourse", "https://forum.example/t/hej/12.rss")
    assert (topic.older, keys(topic)) == ("", keys(parsed))


def test_blogger_pages_back_by_the_number_of_its_entries() -> None:
    body = atom(entry("tag:blogger.com,1999:blog-1.post-2", "https://b.example/2"))
    parsed = read(body, "blogger", "https://b.example/feeds/posts/default?start-index=26")
    assert parsed.older == "https://b.example/feeds/posts/default?start-index=27"


def test_vbulletin_shows_threads() -> None:
    parsed = read(rss(item("Hej", "https://forum.example/showthread.php?t=5"), generator="vBulletin"), "vbulletin")
    assert (kinds(parsed), parsed.carries_replies) == ([POST], False)


def test_a_xenforo_thread_is_its_number_and_carries_the_count_of_its_replies() -> None:
    more = "<slash:comments>4</slash:comments>"
    items = [item("Hej", f"https://forum.example/threads/{name}.77/", "77", more=more) for name in ("hej", "hej-igen")]
    old, new = (only(read(rss(one, generator="XenForo"), "xenforo")) for one in items)
    assert old.thread == new.thread == old.key == "forum.example/threads/77"
    assert old.reply_count == 4


def test_mybb_shows_threads_by_number_whatever_the_link() -> None:
    bodies = [
        rss(item("Hej", f"https://f.example/{link}"), generator="MyBB")
        for link in ("showthread.php?tid=8", "thread-8.html")
    ]
    assert {only(read(body, "mybb")).thread for body in bodies} == {"f.example/tid=8"}


def test_an_smf_feed_of_recent_posts_tells_replies_by_re_and_threads_by_topic() -> None:
    base = "https://f.example/index.php?topic=9.msg{0}#msg{0}"
    parsed = read(rss(item("Re: Hej", base.format(31)), item("Hej", base.format(30)), generator="SMF"), "smf")
    assert kinds(parsed) == [REPLY, POST]
    assert threads(parsed) == ["f.example/topic=9"] * 2
    assert keys(parsed)[0] == "f.example/msg=31"


def test_flarum_counts_posts_above_the_first_as_replies() -> None:
    links = [f"https://f.example/d/5-hej/{number}" for number in (3, 2)] + ["https://f.example/d/5-hej"]
    parsed = read(atom(*(entry(link, link) for link in links)), "flarum", "https://f.example/atom")
    assert kinds(parsed) == [REPLY, REPLY, POST]
    assert keys(parsed) == ["f.example/d/5/3", "f.example/d/5/2", "f.example/d/5/1"]


def test_a_nodebb_topic_s_own_feed_has_the_post_and_its_replies() -> None:
    recent = read(
        rss(item("Hej", "https://f.example/topic/4/hej"), generator="RSS for Node"),
        "nodebb",
        "https://f.example/recent.rss",
    )
    assert only(recent).replies_feed == "https://f.example/topic/4.rss"
    items = [
        item("Hej", "https://f.example/post/9", hour=1),
        item("Reply to Hej on Jan 1", "https://f.example/post/10", hour=2),
    ]
    own = read(rss(*items, generator="RSS for Node"), "nodebb", "https://f.example/topic/4.rss")
    assert kinds(own) == [POST, REPLY]
    assert threads(own) == ["f.example/topic/4"] * 2
    assert own.entries[0].key == recent.entries[0].key


def test_bbpress_tells_topics_from_replies() -> None:
    items = [
        item("Reply To: Hej", "https://b.example/forums/topic/hej/#post-21"),
        item("Svar til: Hej", "https://b.example/forums/topic/hej/page/2/#post-44"),
        item("Hej", "https://b.example/forums/topic/hej/"),
    ]
    parsed = read(rss(*items, generator="https://bbpress.org/?v=2.6.9"), "bbpress", "https://b.example/forums/feed/")
    assert kinds(parsed) == [REPLY, REPLY, POST]
    assert len(set(threads(parsed))) == 1
    assert len(set(keys(parsed))) == 3


def test_drupal_s_comments_belong_to_their_node() -> None:
    items = [
        item("Re", "https://d.example/node/3#comment-8", "comment 8 at https://d.example"),
        item("Node", "https://d.example/node/3", "3 at https://d.example"),
    ]
    parsed = read(rss(*items), "drupal", "https://d.example/rss.xml")
    assert kinds(parsed) == [REPLY, POST]
    assert threads(parsed) == ["https://d.example/node/3"] * 2
    assert parsed.older == "https://d.example/rss.xml?page=1"


@pytest.mark.parametrize(
    ("generator", "platform"),
    [
        ("Ghost 5.80", "ghost"), ("Medium", "medium"), ("Substack", "substack"), ("Hugo -- gohugo.io", "static_site"),
        ("Jekyll v4.3", "static_site"), ("Pelican", "static_site"), ("Mastodon v4.2.1", "mastodon"),
    ],
)  # fmt: skip
def test_a_platform_whose_replies_are_in_no_feed_is_never_said_to_show_them(generator: str, platform: str) -> None:
    parsed = read(rss(item("Hej", "https://b.example/hej/"), generator=generator), platform)
    assert (kinds(parsed), parsed.carries_replies) == ([POST], False)
    assert next(one for one in platforms() if one.name == platform).shows.replies.startswith("no: ")


def test_ghost_pages_back_in_its_path() -> None:
    body = rss(item("Hej", "https://b.example/hej/"), generator="Ghost 5.80")
    assert read(body, "ghost", "https://b.example/rss/").older == "https://b.example/rss/2/"
    assert read(body, "ghost", "https://b.example/rss/2/").older == "https://b.example/rss/3/"


def test_stack_exchange_answers_belong_to_their_question() -> None:
    ids = [("q/5", "questions/5/hej"), ("a/6", "questions/5/hej/6#6"), ("a/7", "questions/5/hej/7#7")]
    body = atom(*(entry(f"https://q.example/{guid}", f"https://q.example/{link}") for guid, link in ids))
    parsed = read(body, "stack_exchange", "https://q.example/feeds/question/5")
    assert kinds(parsed) == [POST, REPLY, REPLY]
    assert set(threads(parsed)) == {"q.example/q/5"}
    listed = read(
        atom(entry("https://q.example/q/5", "https://q.example/questions/5/hej")),
        "stack_exchange",
        "https://q.example/feeds",
    )
    assert listed.entries[0].key == parsed.entries[0].key
    assert listed.entries[0].replies_feed == "https://q.example/feeds/question/5"


def test_reddit_s_comments_belong_to_their_post() -> None:
    body = atom(
        entry("t1_kk1", "https://r.example/r/dk/comments/abc/hej/kk1/", author="/u/gry"),
        entry("t3_abc", "https://r.example/r/dk/comments/abc/hej/"),
    )
    parsed = read(body, "reddit", "https://r.example/r/dk/.rss")
    assert kinds(parsed) == [REPLY, POST]
    assert threads(parsed) == ["t3_abc"] * 2
    assert parsed.entries[0].author == "gry"
    assert parsed.older.endswith("after=t3_abc&limit=100")


def test_github_s_releases_are_posts() -> None:
    body = atom(entry("tag:github.com,2008:Repository/1/v1", "https://github.com/o/p/releases/tag/v1"))
    assert kinds(read(body, "github")) == [POST]


def test_a_mailing_list_s_answers_are_known_by_their_subject_in_any_language() -> None:
    subjects = ["Mødet", "Re: Mødet", "[liste] SV: Mødet", "AW: [liste] mødet"]
    link = "https://l.example/archives/list/liste@l.example/message/ABC{}/"
    parsed = read(rss(*(item(one, link.format(n)) for n, one in enumerate(subjects))), "hyperkitty")
    assert kinds(parsed) == [POST, REPLY, REPLY, REPLY]
    assert len(set(threads(parsed))) == 1
    assert len(set(keys(parsed))) == 4


def test_an_address_of_google_groups_is_called_by_its_name() -> None:
    address = "https://groups.google.com/forum/feed/g/msgs/rss.xml"
    assert read(rss(item("x", "https://g.example/1")), "google_groups", address).platform == "google_groups"


def test_disqus_s_comments_belong_to_the_blog_s_posts() -> None:
    comments = rss(item("Re: Nyt", "https://blog.example/nyt/#comment-5"), link="https://havnen.disqus.com/")
    parsed = read(comments, "disqus", "https://havnen.disqus.com/latest.rss")
    post = read(rss(item("Nyt", "https://blog.example/nyt/"), generator="Hugo"), "static_site")
    assert kinds(parsed) == [REPLY]
    assert threads(parsed) == threads(post)


def test_isso_s_answers_to_answers_belong_to_the_page() -> None:
    page = "https://blog.example/nyt/"
    body = atom(
        entry(
            "tag:blog.example,2018:/isso/1/2",
            f"{page}#isso-2",
            more="<thr:in-reply-to ref='tag:blog.example,2018:/isso/1/1'/>",
        ),
        entry("tag:blog.example,2018:/isso/1/1", f"{page}#isso-1"),
    )
    parsed = read(body, "isso", "https://isso.example/feed?uri=/nyt/")
    assert (kinds(parsed), threads(parsed)) == ([REPLY, REPLY], [page, page])


def test_youtube_s_videos_are_posts() -> None:
    assert kinds(read(atom(entry("yt:video:abc", "https://www.youtube.com/watch?v=abc")), "youtube")) == [POST]


@pytest.mark.parametrize("text", ["&lt;p&gt;# Comments: 12&lt;/p&gt;", "&lt;a href='x'&gt;12 comments&lt;/a&gt;"])
def test_an_aggregator_tells_the_number_of_comments_in_its_text(text: str) -> None:
    body = rss(item("Story", "https://s.example/1", more=f"<description>{text}</description>"))
    assert only(read(body, "aggregator")).reply_count == 12


def test_threading_and_counts_are_heard_on_whatever_platform() -> None:
    body = atom(
        entry("urn:2", "https://x.example/2", more="<thr:in-reply-to ref='urn:1' href='https://x.example/1'/>"),
        entry("urn:1", "https://x.example/1", more="<thr:total>5</thr:total>"),
        head="<link rel='prev-archive' href='/archive/3'/><generator>Ghost 5</generator>",
    )
    parsed = read(body, "ghost", "https://x.example/feed")
    assert kinds(parsed) == [REPLY, POST]
    assert threads(parsed) == ["https://x.example/1"] * 2
    assert parsed.entries[1].reply_count == 5
    assert parsed.older == "https://x.example/archive/3"
    assert parsed.carries_replies


texts = st.text(max_size=40) | st.sampled_from(
    ["https://x.example/t/a/1/2", "/topic/", "t1_", "x?tid=", "#comment-1", "Re: ", "https://[", "tag:github.com,2008:"]
)


@given(st.lists(st.builds(RawItem, *[texts] * 8), max_size=4), texts, texts, texts)
def test_no_platform_ever_fails_on_what_a_feed_says(
    items: list[RawItem], address: str, link: str, generator: str
) -> None:
    feed = RawFeed(address, title=link, link=link, generator=generator.lower(), items=tuple(items))
    for platform in platforms():
        platform.recognise(feed)
        assert isinstance(platform.older(feed), str)
        platform.carries_replies(feed)
        assert all(isinstance(one, str) for one in platform.site_feeds(address))
        for one in items:
            facts = platform.read(one, feed)
            assert facts.kind in Kind
