<?php // What the site's owner does: php change.php edit ID TEXT | trash ID | delete ID | write TITLE | list
$_SERVER['HTTP_HOST'] = parse_url(getenv('SITE'), PHP_URL_HOST);
$_SERVER['REQUEST_METHOD'] = 'GET';
require getenv('ROOT') . '/wp-load.php';
[$_, $verb, $what, $text] = array_pad($argv, 4, null);
switch ($verb) {
    case 'edit': wp_update_post(['ID' => (int) $what, 'post_content' => "<p>$text</p>"]); break;
    case 'trash': wp_trash_post((int) $what); break;
    case 'delete': wp_delete_post((int) $what, true); break;
    case 'write': $what = wp_insert_post(['post_title' => $what, 'post_content' => '<p>متن</p>', 'post_status' => 'publish']); break;
}
$published = get_posts(['numberposts' => -1, 'post_status' => 'publish', 'suppress_filters' => true]);
echo json_encode(['id' => (int) $what, 'posts' => array_combine(
    array_map(fn($post) => $post->ID, $published), array_map(fn($post) => $post->post_title, $published))]);
