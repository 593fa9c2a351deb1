"""Is a PIN kept so that it can be checked and not be read?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.pins import check_pin, hash_pin

QUICK = 2**4
KEPT = hash_pin("420173", n=QUICK)


def test_the_right_pin_is_right_and_any_other_is_wrong() -> None:
    assert check_pin("420173", KEPT)
    assert not any(check_pin(pin, KEPT) for pin in ("420174", "42017", "4201730", "", " 420173", "420173\n"))


def test_the_same_pin_is_never_kept_twice_in_the_same_way() -> None:
    assert hash_pin("420173", n=QUICK) != hash_pin("420173", n=QUICK)


def test_a_kept_hash_names_its_cost_and_not_its_pin() -> None:
    assert KEPT.startswith("scrypt$16$8$1$")
    assert "420173" not in KEPT


def test_a_hash_made_with_the_usual_cost_is_checked_with_it() -> None:
    kept = hash_pin("853024")
    assert kept.startswith("scrypt$32768$8$1$")
    assert check_pin("853024", kept)


def test_a_published_vector_of_scrypt_is_met() -> None:
    # RFC 7914, 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), its first 32 bytes.
    digest = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    assert check_pin("pleaseletmein", f"scrypt$16384$8$1${b'SodiumChloride'.hex()}${digest}")


@pytest.mark.parametrize("n", [0, 1, 3, 15])
def test_a_cost_that_is_no_power_of_two_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        hash_pin("420173", n=n)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "420173",
        "scrypt$16$8$1$00$00",
        KEPT.upper(),
        KEPT + "\n",
        KEPT.replace("$16$", "$15$"),
        KEPT.replace("$16$", "$0$"),
        KEPT.replace("$16$8$", "$65536$1$"),
        KEPT.replace("$16$", "$1048576$"),
        KEPT.replace("$16$8$1$", "$16$0$1$"),
        KEPT.replace("scrypt", "bcrypt"),
    ],
)
def test_what_is_no_hash_of_ours_is_nobodys_pin(kept: str) -> None:
    assert not check_pin("420173", kept)


@settings(max_examples=50)
@given(st.text(max_size=12), st.text(max_size=12))
def test_any_two_texts_are_the_same_pin_only_when_they_are_equal(one: str, other: str) -> None:
    assert check_pin(other, hash_pin(one, n=2)) == (one == other)


@given(st.text())
def test_any_text_at_all_can_stand_where_a_hash_is_kept(kept: str) -> None:
    assert not check_pin("420173", kept)
