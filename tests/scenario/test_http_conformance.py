"""The conformance table of the HTTP interface (spec/http-api.md 12), a test a row, against a real process."""
import json

import pytest

import mesh

RECORDS = "/v1/records/"
OK = (201, '{"ok": true}')
NOT_FOUND = (404, '{"error": "not found"}')
INVALID_BODY = (400, '{"error": "invalid body"}')
INVALID_NAME = (400, '{"error": "invalid record name"}')
INVALID_VALUE = (400, '{"error": "invalid record value"}')
REQUIRED = (400, '{"error": "value (str) and ttl (int > 0) required"}')
UNAUTHORIZED = (401, '{"error": "unauthorized"}')
BODY_BYTES_MAX = 16384


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """In open mode on loopback with a cap of 3 values a name, as the table has it; each test has names of its own."""
    node = mesh.Node(tmp_path_factory.mktemp("conformance"), {"DMP_MAX_VALUES_PER_NAME": "3"}).start()
    yield node
    node.ensure_gone()


def post(node, name, body):
    """POST of a JSON value, or of bytes as they are."""
    return node.request("POST", RECORDS + name, body if isinstance(body, bytes) else json.dumps(body).encode())


def full(node, name):
    """A name that holds v1, v2 and v3."""
    for value in ("v1", "v2", "v3"):
        assert post(node, name, {"value": value}) == OK
    return name


def test_row_01_health_is_ok(node):
    assert node.request("GET", "/health") == (200, '{"status": "ok"}')


@pytest.mark.parametrize("target", ["/health?x=1", "/health/"])
def test_row_02_health_with_a_query_or_a_final_slash_is_not_found(node, target):
    assert node.request("GET", target) == NOT_FOUND


def test_row_03_a_publish_is_answered_201(node):
    assert post(node, "r03.example.com", {"value": "v1", "ttl": 60}) == OK


def test_row_04_one_slash_after_the_name_is_allowed(node):
    assert post(node, "r04.example.com/", {"value": "v2"}) == OK
    assert node.read("r04.example.com") == ["v2"]


def test_row_05_two_slashes_after_the_name_are_not_found(node):
    assert post(node, "r05.example.com//", {"value": "v2"}) == NOT_FOUND


def test_row_06_final_dots_are_no_part_of_the_name(node):
    assert post(node, "r06.example.com...", {"value": "v3"}) == OK
    assert node.read("r06.example.com") == ["v3"]


def test_row_07_a_value_beyond_the_cap_is_413_with_name_and_cap(node):
    assert post(node, full(node, "r07.example.com"), {"value": "v4"}) == (
        413, '{"error": "RRset at r07.example.com already holds 3 values"}')


def test_row_08_a_value_that_is_there_is_taken_at_the_cap(node):
    assert post(node, full(node, "r08.example.com"), {"value": "v1"}) == OK


def test_row_09_values_are_listed_by_their_last_publish(node):
    name = full(node, "r09.example.com")
    assert post(node, name, {"value": "v1"}) == OK
    assert node.request("GET", RECORDS + name) == (200, '{"name": "r09.example.com", "values": ["v2", "v3", "v1"]}')


def test_row_10_an_encoded_slash_is_part_of_a_name_that_nobody_has(node):
    assert node.request("GET", RECORDS + "a%2Fb.example.com") == (404, '{"name": "a/b.example.com", "values": []}')


def test_row_11_a_name_of_dots_alone_is_the_empty_name_without_values(node):
    assert node.request("GET", RECORDS + "...") == (404, '{"name": "", "values": []}')


def test_row_12_records_without_a_name_are_not_found(node):
    assert node.request("GET", RECORDS) == NOT_FOUND


def test_row_13_blanks_around_a_name_are_no_part_of_it(node):
    assert post(node, "%20r13.example.com%20", {"value": "v2"}) == OK
    assert node.read("r13.example.com") == ["v2"]


def test_row_14_a_bare_label_is_a_name(node):
    assert post(node, "r14", {"value": "v"}) == OK


@pytest.mark.parametrize("name", ["a_b.example.com", "a-.example.com"])
def test_row_15_an_underscore_inside_a_label_and_a_hyphen_at_its_end_are_invalid(node, name):
    assert post(node, name, {"value": "v"}) == INVALID_NAME


def test_row_16_a_label_may_begin_with_an_underscore(node):
    assert post(node, "_r16.example.com", {"value": "v"}) == OK


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_row_17_an_absent_body_and_an_empty_object_lack_the_value(node, body):
    assert post(node, "r17.example.com", body) == REQUIRED


@pytest.mark.parametrize("body", [b"null", b"{", b'\xef\xbb\xbf{"value": "v"}'])
def test_row_18_null_cut_json_and_a_byte_order_mark_are_an_invalid_body(node, body):
    assert post(node, "r18.example.com", body) == INVALID_BODY


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5"])
def test_row_19_json_that_is_no_object_is_an_invalid_body(node, body):
    assert post(node, "r19.example.com", body) == INVALID_BODY


@pytest.mark.parametrize("ttl", ["0", "-1", "60.0", "1e2", '"60"', "null"])
def test_row_20_a_ttl_is_a_whole_number_above_zero(node, ttl):
    assert post(node, "r20.example.com", f'{{"value": "v", "ttl": {ttl}}}'.encode()) == REQUIRED


def test_row_21_the_ttl_cap_is_inclusive(node):
    assert post(node, "r21.example.com", {"value": "v", "ttl": 86400}) == OK
    assert post(node, "r21.example.com", {"value": "v", "ttl": 86401}) == (400, '{"error": "ttl exceeds cap of 86400s"}')


def test_row_22_the_value_cap_is_inclusive(node):
    assert post(node, "r22.example.com", {"value": "v" * 2048}) == OK
    assert post(node, "r22.example.com", {"value": "v" * 2049}) == (400, '{"error": "value exceeds cap of 2048 bytes"}')


@pytest.mark.parametrize("value", ['a"b', "a\x7f", "a\n"])
def test_row_23_quotation_marks_and_control_characters_are_an_invalid_value(node, value):
    assert post(node, "r23.example.com", {"value": value}) == INVALID_VALUE


@pytest.mark.parametrize("value", ["", "\u00e9", "\u0080"])
def test_row_24_an_empty_value_and_one_outside_ascii_are_taken(node, value):
    assert post(node, "r24.example.com", {"value": value}) == OK
    assert value in node.read("r24.example.com")


def test_row_25_the_body_cap_is_inclusive(node):
    body = b'{"value": "v", "pad": "'
    body += b"x" * (BODY_BYTES_MAX - len(body) - 2) + b'"}'
    assert len(body) == BODY_BYTES_MAX
    assert post(node, "r25.example.com", body) == OK
    assert post(node, "r25.example.com", body + b" ") == INVALID_BODY


def test_row_26_a_delete_of_a_value_that_is_not_there_is_404_without_a_body(node):
    name = full(node, "r26.example.com")
    assert node.request("DELETE", RECORDS + name, {"value": "nope"}) == (404, "")
    assert node.read(name) == ["v1", "v2", "v3"]


def test_row_27_a_delete_of_a_value_is_204_without_a_body(node):
    name = full(node, "r27.example.com")
    assert node.request("DELETE", RECORDS + name, {"value": "v2"}) == (204, "")
    assert node.read(name) == ["v1", "v3"]


def test_row_28_a_delete_of_a_number_is_an_invalid_value(node):
    assert node.request("DELETE", RECORDS + full(node, "r28.example.com"), {"value": 5}) == INVALID_VALUE


def test_row_29_a_delete_with_a_body_that_cannot_be_read_deletes_nothing(node):
    name = full(node, "r29.example.com")
    assert node.request("DELETE", RECORDS + name, "{nope") == INVALID_BODY
    assert node.read(name) == ["v1", "v2", "v3"]


def test_row_30_a_delete_of_an_absent_name_is_404_without_a_body(node):
    assert node.request("DELETE", RECORDS + "absent.example.com") == (404, "")


def test_row_31_without_a_configured_token_the_digest_is_forbidden(node):
    assert node.request("GET", "/v1/sync/digest") == (403, '{"error": "forbidden"}')


@pytest.mark.parametrize("method, target", [("GET", "/v1/registration/challenge"), ("POST", "/v1/registration/confirm")])
def test_row_32_registration_is_not_found_in_open_mode(node, method, target):
    assert node.request(method, target) == NOT_FOUND


def test_row_33_other_methods_are_501(node):
    assert node.request("PUT", RECORDS + "a.example.com")[0] == 501


def test_row_34_in_open_mode_with_a_token_everybody_writes_and_only_the_operator_reads(make_node):
    token = "0123456789abcdef"
    node = make_node(environment={"DMP_AUTH_MODE": "open", "DMP_OPERATOR_TOKEN": token}).start()
    assert post(node, "x.y", {"value": "v"}) == OK
    assert node.request("GET", RECORDS + "x.y") == UNAUTHORIZED
    assert node.request("GET", RECORDS + "x.y", headers={"Authorization": f"Bearer {token}"})[0] == 200


def test_row_35_in_legacy_mode_without_a_token_everybody_reads_and_nobody_writes(make_node):
    node = make_node(environment={"DMP_AUTH_MODE": "legacy"}).start()
    assert post(node, "x.y", {"value": "v"}) == UNAUTHORIZED
    assert node.request("GET", RECORDS + "x.y") == (404, '{"name": "x.y", "values": []}')
    assert node.request("GET", "/metrics")[0] == 200


def test_row_36_and_row_37_the_rate_limit_comes_before_authorisation_and_the_digest_but_health_is_never_limited(make_node):
    node = make_node(environment={"DMP_HTTP_RATE": "0.01", "DMP_HTTP_BURST": "2",
                                  "DMP_OPERATOR_TOKEN": "0123456789abcdef"}).start()
    asked = [node.request("GET", RECORDS + "x.y") for _ in range(3)]
    assert asked == [UNAUTHORIZED, UNAUTHORIZED, (429, '{"error": "rate limit exceeded"}')]
    assert node.request("GET", "/health") == (200, '{"status": "ok"}')
    assert node.request("GET", "/v1/sync/digest")[0] == 429
