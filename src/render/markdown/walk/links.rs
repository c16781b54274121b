//! Links and images on the walk.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::super::InternalLink;
use super::super::images::LazyImage;
use super::super::links::{Destination, external_tag};
use super::super::shortcode::{Piece, pieces};
use super::Walk;
use crate::site::Problem;

impl<'e> Walk<'e> {
    pub(super) fn start_link(
        &mut self,
        link_type: LinkType,
        url: CowStr<'e>,
        title: CowStr<'e>,
        id: CowStr<'e>,
    ) {
        let title = self.filled(title);
        let url = self.filled(url);
        if link_type != LinkType::Email
            && Destination::parse(&url) == Destination::External
            && let Some(tag) = external_tag(&url, &title, self.text.settings)
        {
            self.html(tag.into());
            return;
        }
        let dest_url = match link_type {
            LinkType::Email => url,
            _ => self.resolved(url),
        };
        self.out.push(Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }));
    }

    pub(super) fn start_image(
        &mut self,
        link_type: LinkType,
        url: CowStr<'e>,
        title: CowStr<'e>,
        id: CowStr<'e>,
    ) {
        let title = self.filled(title);
        let url = self.filled(url);
        let dest_url = match Destination::parse(&url) {
            Destination::Empty | Destination::Internal { .. } | Destination::Relative => {
                self.below_page(&url)
            }
            Destination::External | Destination::Fragment(_) | Destination::Other => url,
        };
        if self.text.settings.lazy_async_image {
            self.image = Some(LazyImage::new(&dest_url, &title));
            return;
        }
        self.out.push(Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }));
    }

    /// Gives back an event that stands outside of lazy images; takes in what stands inside.
    pub(super) fn past_image(&mut self, event: Event<'e>) -> Option<Event<'e>> {
        let Some(image) = &mut self.image else {
            return Some(event);
        };
        match event {
            Event::Start(Tag::Image { .. }) => image.nested += 1,
            Event::End(TagEnd::Image) if image.nested > 0 => image.nested -= 1,
            Event::End(TagEnd::Image) => self.end_image(),
            Event::Text(text) => {
                let text = self.with_emoji(text);
                self.image_text(&text);
            }
            Event::Code(text) | Event::InlineHtml(text) => self.image_text(&text),
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            _ => (),
        }
        None
    }

    fn end_image(&mut self) {
        self.open.pop();
        if let Some(image) = self.image.take() {
            self.html(image.html().into());
        }
    }

    fn image_text(&mut self, text: &str) {
        for piece in pieces(text) {
            let Piece::Text(text) = piece else { continue };
            self.title_part(text);
            if let Some(image) = &mut self.image {
                image.alt.push_str(text);
            }
        }
    }

    /// Where a link on this site leads.
    fn resolved(&mut self, url: CowStr<'e>) -> CowStr<'e> {
        match Destination::parse(&url) {
            Destination::Empty => {
                let problem = Problem::error("a link leads nowhere")
                    .way_out("write where it leads between its parentheses");
                self.tell_all([problem]);
                url
            }
            Destination::Internal { path, fragment } => {
                let permalink = self.internal(path, fragment, &url);
                permalink.map_or_else(|| url.clone(), Into::into)
            }
            Destination::Fragment(fragment) if !self.text.permalink.is_empty() => {
                let path = self.text.file;
                let path = path.strip_prefix("content/").unwrap_or(path);
                self.record(path, Some(fragment), self.offset);
                self.below_page(&url)
            }
            Destination::Relative => self.below_page(&url),
            Destination::External | Destination::Fragment(_) | Destination::Other => url,
        }
    }

    /// The URL of `@/path#fragment`, written as `url`.
    fn internal(&mut self, path: &str, fragment: Option<&str>, url: &str) -> Option<String> {
        let offset = self.definitions.get(url).copied();
        let offset = offset.unwrap_or(self.offset);
        let Some(mut permalink) = self.world.permalink(path) else {
            let way_out = match self.world.nearest_path(path) {
                Some(near) => format!("did you mean `@/{near}`?"),
                None => "write `@/` and the path of a Markdown file below `content/`".to_owned(),
            };
            let problem = Problem::error(format!("the link `{url}` leads to no page"));
            self.tell(problem.way_out(way_out), offset);
            self.mark(url);
            return None;
        };
        self.record(path, fragment, offset);
        if let Some(fragment) = fragment {
            permalink.extend(["#", fragment]);
        }
        Some(permalink)
    }

    fn record(&mut self, path: &str, fragment: Option<&str>, offset: usize) {
        let link = InternalLink {
            path,
            fragment,
            line: self.expanded.lines.line_of(offset),
        };
        self.rendered.internal_links.push(link);
    }

    /// A relative URL, seen from the site; the page's folder is its own permalink.
    fn below_page(&self, url: &CowStr<'e>) -> CowStr<'e> {
        match self.text.permalink {
            "" => url.clone(),
            permalink => format!("{permalink}{url}").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{rendered, rendered_with};

    #[test]
    fn urls() {
        for (markdown, html) in [
            (
                "[r][ref] [ref]\n\n[ref]: @/target.md#here \"T\"\n",
                "<p><a href=\"https://example.org/target/#here\" title=\"T\">r</a> <a href=\"https://example.org/target/#here\" title=\"T\">ref</a></p>\n",
            ),
            (
                "[l](a.png) ![l](a.png) ![l](a.png \"t\") [z](index.md)",
                "<p><a href=\"https://example.org/p/a.png\">l</a> <img src=\"https://example.org/p/a.png\" alt=\"l\" /> <img src=\"https://example.org/p/a.png\" alt=\"l\" title=\"t\" /> <a href=\"https://example.org/p/index.md\">z</a></p>\n",
            ),
            (
                "[a](https://example.org/x) [b](HTTP://X.y) [c](ftp://x.y) [d](tel:1) [e](javascript:1) [g](../x) [h](?q=1) [i](foo:bar) [j](http:/x) [k](a b) [l](<a b>) [m](http://ä.b/ü)",
                "<p><a rel=\"external\" href=\"https://example.org/x\">a</a> <a href=\"HTTP://X.y\">b</a> <a href=\"ftp://x.y\">c</a> <a href=\"tel:1\">d</a> <a href=\"javascript:1\">e</a> <a href=\"../x\">g</a> <a href=\"https://example.org/p/?q=1\">h</a> <a href=\"foo:bar\">i</a> <a rel=\"external\" href=\"http:/x\">j</a> [k](a b) <a href=\"https://example.org/p/a%20b\">l</a> <a rel=\"external\" href=\"http://%C3%A4.b/%C3%BC\">m</a></p>\n",
            ),
            (
                "[a][r] ![b][r] [c](x.png#f) [d](x.png?y) \n\n[r]: pic.png\n",
                "<p><a href=\"https://example.org/p/pic.png\">a</a> <img src=\"https://example.org/p/pic.png\" alt=\"b\" /> <a href=\"https://example.org/p/x.png#f\">c</a> <a href=\"https://example.org/p/x.png?y\">d</a></p>\n",
            ),
            (
                "<https://example.org/> https://bare.example *[x](http://a.b)*",
                "<p><a rel=\"external\" href=\"https://example.org/\">https://example.org/</a> https://bare.example <em><a rel=\"external\" href=\"http://a.b\">x</a></em></p>\n",
            ),
            (
                "[a](#frag \"t\") <a id=\"frag\"></a> [b](#frag)\n",
                "<p><a href=\"https://example.org/p/#frag\" title=\"t\">a</a> <a id=\"frag\"></a> <a href=\"https://example.org/p/#frag\">b</a></p>\n",
            ),
            (
                "[x](1a:b) [x](a/b:c) [x](a.b:c) [x](./a:b) [x](..foo) [x](.) [x](...) [x](..) [x](a%20b) [x](ä.md) [x](a+b-c.d:e) [x](<:x>)",
                "<p><a href=\"1a:b\">x</a> <a href=\"https://example.org/p/a/b:c\">x</a> <a href=\"https://example.org/p/a.b:c\">x</a> <a href=\"https://example.org/p/./a:b\">x</a> <a href=\"..foo\">x</a> <a href=\"https://example.org/p/.\">x</a> <a href=\"...\">x</a> <a href=\"..\">x</a> <a href=\"https://example.org/p/a%20b\">x</a> <a href=\"https://example.org/p/%C3%A4.md\">x</a> <a href=\"https://example.org/p/a+b-c.d:e\">x</a> <a href=\"https://example.org/p/:x\">x</a></p>\n",
            ),
            (
                "[x](_a:b) [x](https:) [x](http) [x](httpsx://a) [x](a?http://b)",
                "<p><a href=\"https://example.org/p/_a:b\">x</a> <a rel=\"external\" href=\"https:\">x</a> <a href=\"https://example.org/p/http\">x</a> <a href=\"httpsx://a\">x</a> <a href=\"https://example.org/p/a?http://b\">x</a></p>\n",
            ),
            (
                "![y](http) ![z](httpsx:q) ![q](mailto:x) ![w](?a) ![e]() ![é](ü.png)",
                "<p><img src=\"https://example.org/p/http\" alt=\"y\" /> <img src=\"httpsx:q\" alt=\"z\" /> <img src=\"mailto:x\" alt=\"q\" /> <img src=\"https://example.org/p/?a\" alt=\"w\" /> <img src=\"https://example.org/p/\" alt=\"e\" /> <img src=\"https://example.org/p/%C3%BC.png\" alt=\"é\" /></p>\n",
            ),
            (
                "[x](@/target.md#)",
                "<p><a href=\"https://example.org/target/#\">x</a></p>\n",
            ),
            ("[x](#)", "<p><a href=\"#\">x</a></p>\n"),
            (
                "![x](http://a.b/c.png) ![x](/abs.png) ![x](//a.b/c) ![x](#y) ![x](data:image/png;base64,xx) ![](./a.png) ![](../a.png) ![](x.png \"t<t\") ![<a>\"&](a.png)",
                "<p><img src=\"http://a.b/c.png\" alt=\"x\" /> <img src=\"/abs.png\" alt=\"x\" /> <img src=\"//a.b/c\" alt=\"x\" /> <img src=\"#y\" alt=\"x\" /> <img src=\"data:image/png;base64,xx\" alt=\"x\" /> <img src=\"https://example.org/p/./a.png\" alt=\"\" /> <img src=\"../a.png\" alt=\"\" /> <img src=\"https://example.org/p/x.png\" alt=\"\" title=\"t&lt;t\" /> <img src=\"https://example.org/p/a.png\" alt=\"&lt;a&gt;&quot;&amp;\" /></p>\n",
            ),
            (
                "www.example.com http://example.com a@b.c",
                "<p>www.example.com http://example.com a@b.c</p>\n",
            ),
        ] {
            assert_eq!(rendered(markdown).html, html, "{markdown}");
        }
    }

    #[test]
    fn links_that_leave_the_site() {
        let markdown =
            "[t](http://a.b \"T\") [i](@/target.md \"u\") ![z](http://q.r/i.png) <http://au.to>";
        let all = rendered_with(markdown, |settings| {
            settings.external_links.target_blank = true;
            settings.external_links.no_follow = true;
            settings.external_links.no_referrer = true;
            settings.external_links_class = Some("ext c2".into());
        });
        assert_eq!(
            all.html,
            "<p><a class=\"ext c2\" rel=\"noopener nofollow noreferrer external\" target=\"_blank\" \
             title=\"T\" href=\"http://a.b\">t</a> \
             <a href=\"https://example.org/target/\" title=\"u\">i</a> \
             <img src=\"http://q.r/i.png\" alt=\"z\" /> \
             <a class=\"ext c2\" rel=\"noopener nofollow noreferrer external\" target=\"_blank\" \
             href=\"http://au.to\">http://au.to</a></p>\n"
        );
        let none = rendered_with("[t](http://a.b \"T&t\")", |settings| {
            settings.external_links.external = false;
        });
        assert_eq!(
            none.html,
            "<p><a href=\"http://a.b\" title=\"T&amp;t\">t</a></p>\n"
        );
    }

    #[test]
    fn a_title_stays_in_its_attribute() {
        assert_eq!(
            rendered("[t](http://a.b 'x\" onclick=\"y')").html,
            "<p><a rel=\"external\" title=\"x&quot; onclick=&quot;y\" href=\"http://a.b\">t</a></p>\n"
        );
    }

    #[test]
    fn lazy_images() {
        for (markdown, html) in [
            (
                "![x *y* `z` \"q\"](a.png \"t&t<\")",
                "<p><img src=\"https://example.org/p/a.png\" title=\"t&amp;t&lt;\" \
                 alt=\"x y z &quot;q&quot;\" loading=\"lazy\" decoding=\"async\" /></p>\n",
            ),
            (
                "![a ![b](c.png)\n<i>](d.png) e",
                "<p><img src=\"https://example.org/p/d.png\" alt=\"a b &lt;i&gt;\" \
                 loading=\"lazy\" decoding=\"async\" /> e</p>\n",
            ),
            (
                "# h ![a](c.png)",
                "<h1 id=\"h-a\">h <img src=\"https://example.org/p/c.png\" alt=\"a\" \
                 loading=\"lazy\" decoding=\"async\" /></h1>\n",
            ),
        ] {
            let rendered = rendered_with(markdown, |settings| settings.lazy_async_image = true);
            assert_eq!(rendered.html, html, "{markdown}");
        }
    }

    #[test]
    fn internal_links_are_kept_for_the_check() {
        let rendered = rendered(
            "# f\n\n[a](@/target.md)\n[b](@/sec/_index.md#x) [c][r] [d](#f)\n\n[r]: @/target.md#y\n",
        );
        let links = rendered.internal_links.iter();
        let links = links.map(|link| (link.path, link.fragment, link.line));
        assert_eq!(
            links.collect::<Vec<_>>(),
            [
                ("target.md", None, 6),
                ("sec/_index.md", Some("x"), 7),
                ("target.md", Some("y"), 9),
                ("p/index.md", Some("f"), 7),
            ]
        );
    }

    #[test]
    fn every_broken_link_is_told() {
        let rendered =
            rendered("[a](@/no.md)\n\ntext\n[b]() [c][r] [d](@/target.md/)\n\n[r]: @/nor.md#x\n");
        let told: Vec<_> = rendered.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "error: the link `@/no.md` leads to no page\n  --> content/p/index.md:4:5\n   |\n \
                 4 | [a](@/no.md)\n   \
                 |     ^\n   \
                 = write `@/` and the path of a Markdown file below `content/`",
                "error: a link leads nowhere\n  --> content/p/index.md:7\n   |\n \
                 7 | [b]() [c][r] [d](@/target.md/)\n   \
                 = write where it leads between its parentheses",
                "error: the link `@/nor.md#x` leads to no page\n  --> content/p/index.md:9:6\n   |\n \
                 9 | [r]: @/nor.md#x\n   \
                 |      ^\n   \
                 = write `@/` and the path of a Markdown file below `content/`",
                "error: the link `@/target.md/` leads to no page\n  --> content/p/index.md:7:18\n   |\n \
                 7 | [b]() [c][r] [d](@/target.md/)\n   \
                 |                  ^\n   \
                 = did you mean `@/target.md`?",
            ]
        );
    }
}
