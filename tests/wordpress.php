<?php
/*
 * What WordPress makes of an address on a line of its own, by its own code.
 *
 *   php wordpress.php /usr/share/wordpress https://localoffer.example/items/…
 *
 * Prints JSON: where WordPress asks, what it is told, and the HTML that it then shows.
 * With "-" in place of the address: what it shows of a text on standard input.
 */
[, $wordpress, $pasted] = $argv;

error_reporting( E_ALL & ~E_DEPRECATED );
define( 'ABSPATH', rtrim( $wordpress, '/' ) . '/' );
define( 'WPINC', 'wp-includes' );
define( 'WP_CONTENT_DIR', sys_get_temp_dir() );

// Says what a database without a row says.
$wpdb = new class() {
	public $options = 'options';

	public function __call( $name, $given ) {
		return 'get_results' === $name ? array() : null;
	}
};

foreach ( array(
	'version', 'load', 'default-constants', 'plugin', 'compat', 'class-wp-list-util', 'formatting',
	'meta', 'functions', 'class-wp-error', 'cache', 'option', 'default-filters', 'l10n', 'general-template',
	'link-template', 'kses', 'blocks', 'class-wp-block-parser', 'shortcodes', 'embed', 'class-wp-embed', 'class-wp-oembed', 'http',
	'class-wp-http', 'class-wp-http-streams', 'class-wp-http-curl', 'class-wp-http-proxy',
	'class-wp-http-cookie', 'class-wp-http-encoding', 'class-wp-http-response',
	'class-wp-http-requests-response', 'class-wp-http-requests-hooks', 'pluggable',
) as $name ) {
	require_once ABSPATH . WPINC . "/$name.php";
}
wp_initial_constants();
wp_cache_init();

add_filter( 'pre_option_home', fn() => 'https://school.example' );
add_filter( 'pre_option_siteurl', fn() => 'https://school.example' );
// WordPress asks only servers of others, by their usual ports; ours is on this machine.
add_filter( 'http_request_host_is_external', '__return_true' );
add_filter( 'http_allowed_safe_ports', fn() => array( parse_url( $pasted, PHP_URL_PORT ) ) );
// Would look for a post of its own with this address.
remove_filter( 'pre_oembed_result', 'wp_filter_pre_oembed_result' );

if ( '-' === $pasted ) {
	foreach ( array( 'gallery', 'contact-form-7' ) as $name ) {
		add_shortcode( $name, fn() => 'A SHORTCODE RAN' );
	}
	echo json_encode( array( 'shows' => do_shortcode( stream_get_contents( STDIN ) ) ) );
	exit;
}

$oembed = _wp_oembed_get_object();
echo json_encode(
	array(
		'asks'  => $oembed->get_provider( $pasted ),
		'told'  => $oembed->get_data( $pasted ),
		'shows' => wp_oembed_get( $pasted ),
	)
);
