//! The configurations of the sites.

pub(super) const CONFIG: &str = "base_url = 'https://a.example'\ntitle = 'One'\ncompile_sass = true\ngenerate_feeds = true\nbuild_search_index = true\ntaxonomies = [{ name = 'tags', feed = true }]\n[extra]\nkey = 'a'\n[markdown]\nhighlight_code = true\n[link_checker]\ninternal_level = 'warn'\n";

pub(super) const OTHER_CONFIG: &str = "base_url = 'https://a.example'\ntitle = 'One'\ncompile_sass = true\ngenerate_feeds = true\nfeed_limit = 2\ntaxonomies = [{ name = 'tags' }]\n[languages.fr]\ngenerate_feeds = true\ntaxonomies = [{ name = 'tags' }]\n[slugify]\ntaxonomies = 'safe'\n[link_checker]\ninternal_level = 'warn'\n";

pub(super) const PAGED_CONFIG: &str = "base_url = 'https://a.example/below'\ntitle = 'Two'\ncompile_sass = true\ngenerate_feeds = true\nfeed_filenames = ['atom.xml', 'rss.xml']\ntaxonomies = [{ name = 'tags', paginate_by = 1, feed = true }]\n[extra]\nkey = 'b'\n[link_checker]\ninternal_level = 'warn'\n";

pub(super) const MINIFIED_CONFIG: &str = "base_url = 'https://a.example'\ncompile_sass = true\nminify_html = true\nbuild_search_index = true\ntaxonomies = [{ name = 'tags' }]\n[markdown]\nsmart_punctuation = true\n[link_checker]\ninternal_level = 'warn'\n";
