<?php
// Installs WordPress and writes a dated history into it; or adds comments to it. Prints what it wrote as JSON.
// Usage: php wordpress_seed.php FOLDER install URL NOW | php wordpress_seed.php FOLDER comment POST COUNT NOW
[$self, $folder, $what] = $argv;
$_SERVER['HTTP_HOST'] = '127.0.0.1';
define('WP_INSTALLING', $what === 'install');
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
mt_srand(7);

function utc(int $time): string { return gmdate('Y-m-d H:i:s', $time); }

function a_comment(int $post, int $time, string $author, array $more = []): void {
    wp_insert_comment($more + [
        'comment_post_ID' => $post, 'comment_author' => $author, 'comment_author_email' => 'reader@eksempel.example',
        'comment_content' => 'Et ord om sagen, skrevet ' . utc($time), 'comment_approved' => 1,
        'comment_date' => utc($time), 'comment_date_gmt' => utc($time),
    ]);
}

if ($what === 'install') {
    [, , , $url, $now] = $argv;
    wp_install('Læsernes blog', 'redaktionen', 'redaktionen@eksempel.example', true, '', 'not-a-secret');
    update_option('siteurl', $url);
    update_option('home', $url);
    update_option('timezone_string', 'UTC');
    wp_delete_post(1, true);
    $posts = $replies = 0;
    for ($day = 420; $day > 0; $day -= 7) {
        $time = $now - $day * 86400 + 3600 * mt_rand(6, 16);
        $id = wp_insert_post(['post_title' => "Indlæg $day", 'post_content' => 'Om dialogen.', 'post_status' => 'publish',
            'post_author' => 1, 'post_date' => utc($time), 'post_date_gmt' => utc($time)]);
        $posts++;
        foreach (range(0, mt_rand(0, 15)) as $n) {
            if ($n === 0) { continue; }
            a_comment($id, $time + $n * 3600, $n % 4 ? "Læser $n" : 'Redaktionen');
            $replies++;
        }
        if ($posts % 9 === 0) { a_comment($id, $time + 7200, 'Spammer', ['comment_approved' => 'spam']); }
        if ($posts % 10 === 0) { a_comment($id, $time + 7200, 'Afventer', ['comment_approved' => 0]); }
        if ($day === 7 || $day === 21) {
            a_comment($id, $time + 20 * 3600, 'En anden blog', ['comment_type' => 'pingback',
                'comment_content' => '[&#8230;] som de skriver her [&#8230;]', 'comment_author_url' => 'https://other.example/1']);
        }
    }
    echo json_encode(['posts' => $posts, 'replies' => $replies, 'last' => $id]);
} else {
    [, , , $post, $count, $now] = $argv;
    foreach (range(1, (int) $count) as $n) { a_comment((int) $post, $now + 60 * $n, "Ny læser $n"); }
    echo json_encode(['added' => (int) $count]);
}
