"""Histories of technologies: what is shipped, what is not, and tables that somebody else brings."""

import math
import shutil

import numpy as np
import pytest

from forecast.errors import InputError, MissingFileError
from forecast.ingest import catalog
from forecast.ingest.histories import NOT_SHIPPED, SHIPPED, load_histories

MERSENNE = (
    607, 1279, 2203, 2281, 3217, 4423, 9689, 9941, 11213, 19937, 21701, 23209, 44497, 86243, 132049, 216091, 756839,
    859433, 1257787, 1398269, 2976221, 3021377, 6972593, 13466917, 20996011, 24036583, 25964951, 30402457, 32582657,
    43112609, 57885161, 74207281, 77232917, 82589933, 136279841,
)  # fmt: skip
"""Exponents of the Mersenne primes that were the largest known prime (OEIS A000043)."""

TABLE = """series,kind,date,value
price,cost,2001-01-01,10
price,cost,2000-01-01,100
price,cost,2002-01-01,50
speed,record,2000-01-01,1e3
speed,record,2003-01-01,1e6
"""


@pytest.fixture
def brought(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load_histories(path)

    return write


def by_name(histories):
    return {history.series: history for history in histories}


def test_primes_are_as_long_as_their_exponents_say():
    primes = by_name(load_histories())["largest_known_prime_digits"]
    assert primes.value.tolist() == [math.floor(p * math.log10(2)) + 1 for p in MERSENNE]


def test_every_history_reads_upwards_and_ends_by_its_as_of():
    for history in load_histories():
        assert (np.diff(history.best_so_far()) >= 0).all()
        assert (np.diff(history.year) > 0).all()
        assert history.as_of >= history.year[-1]
        assert len(history.year) >= 8, history.series


@pytest.mark.parametrize(
    ("series", "date", "value"),
    [
        ("top500_rank1_rmax", 2009.87, 1.759e15),  # as listed then; later measured at 1.941e15
        ("top500_rank1_rmax", 2011.45, 8.162e15),
        ("top500_rank1_rmax", 2018.45, 1.223e17),
        ("pi_digits", 1997.51, 5.15396e10),
        ("cpu_transistor_count", 1985.5, 275_000),
        ("cpu_transistor_count", 2006.5, 1.7e9),
        ("riemann_zeros_verified", 1968.5, 3.5e6),
        ("dna_cost_per_genome", 2001.7, 95_263_071.9),
    ],
)
def test_values_are_those_that_were_published(series, date, value):
    history = by_name(load_histories())[series]
    near = int(np.argmin(np.abs(history.year - date)))
    assert abs(history.year[near] - date) < 0.02
    assert history.value[near] == pytest.approx(value, rel=1e-4)


def test_training_compute_is_that_of_the_model_table():
    models = catalog.load_table("epoch_models")
    own = models[~models["is_finetune"]].dropna(subset="training_compute_flop")
    best = own.groupby("publication_date")["training_compute_flop"].max().cummax().drop_duplicates()
    assert by_name(load_histories())["ai_training_compute"].value.tolist() == pytest.approx(best.tolist())


def test_table_of_series_says_where_each_is_and_how_long():
    series = catalog.load_table("technology_frontiers_series").set_index("series")
    assert len(series) == 87
    present = [*SHIPPED, *(entry.name for entry in catalog.unlicensed())]
    for name in present:
        counts = catalog.load_table(name)["series"].value_counts()
        rows = series[series["table"] == name]
        assert rows["points"].to_dict() == counts.to_dict()
        families = catalog.load_table(name).groupby("series")["family"].agg(set)
        assert {one: {family} for one, family in rows["family"].items()} == families.to_dict()


def test_what_is_forecast_is_marked():
    marked = {history.series for history in load_histories() if history.flags == "target"}
    assert marked == {"ai_training_compute", "ai_dataset_size_vision", "ai_dataset_size_speech"}
    assert {history.reliability for history in load_histories()} == {"good", "fair", "weak"}


def test_twins_share_a_family():
    series = catalog.load_table("technology_frontiers_series").set_index("series")["family"]
    for one, other in [
        ("top500_rank1_rmax", "top500_rank500_rmax"),
        ("pcdb_ethylene", "pcdb_ethylene_2"),
        ("pcdb_low_density_polyethylene", "pcdb_polyethyleneld"),
        ("dna_cost_per_genome", "pcdb_shotgun_sanger_dna_sequencing"),
    ]:
        assert series[one] == series[other]
    assert series.nunique() < len(series)


@pytest.mark.skipif(not catalog.unlicensed(), reason="only the repository holds unlicensed tables")
def test_unlicensed_series_come_when_asked_for():
    shipped, all_of_them = load_histories(), load_histories(with_unlicensed=True)
    assert [history.series for history in all_of_them[: len(shipped)]] == [history.series for history in shipped]
    assert len(all_of_them) == 87
    assert NOT_SHIPPED not in {entry.name for entry in catalog.tables()}


def test_everything_shipped_is_there_without_them(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    shutil.copytree(catalog.data_directory(), folder, ignore=shutil.ignore_patterns("unlicensed", "results"))
    catalog.forget()
    monkeypatch.setattr(catalog, "data_directory", lambda: folder)
    monkeypatch.setattr("forecast.ingest.histories.data_directory", lambda: folder)
    try:
        assert catalog.unlicensed() == ()
        assert len(load_histories()) == 33
        with pytest.raises(MissingFileError, match="clone of the repository"):
            load_histories(with_unlicensed=True)
    finally:
        catalog.forget()


def test_a_price_is_read_as_its_lowest_yet(brought):
    price, speed = brought(TABLE)
    assert price.best_so_far().tolist() == [-2, -1, -1]
    assert price.year.tolist() == [2000.0, 2001.0, 2002.0]
    assert speed.best_so_far().tolist() == [3, 6]
    assert (price.family, price.direction, price.domain, price.as_of) == ("price", "lower", "", 2002.0)


def test_other_forms_of_the_same_table_say_the_same(brought):
    plain = brought(TABLE)
    spread = brought(TABLE.replace(",", ";"), "other.csv")
    assert [history.best_so_far().tolist() for history in plain] == [h.best_so_far().tolist() for h in spread]
    further = brought(
        "Series,Family,Kind,Date,Value,Unit,As_of,source,licence,note\n"
        'chess,games,record,2000,2800,"Elo (log scale already)",2016-12-31,a,b,c\n'
        'chess,games,record,2001,3200,"Elo (log scale already)",2016-12-31,a,b,c\n'
    )
    assert further[0].best_so_far().tolist() == [7, 8]
    assert further[0].as_of == pytest.approx(2016.997, abs=1e-3)


def test_the_better_of_two_values_of_a_day_counts(brought):
    (price,) = brought("series,kind,date,value\nx,cost,2000-01-01,5\nx,cost,2000-01-01,7\n")
    assert price.value.tolist() == [5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("series,date,value\nx,2000,1\n", "without a column 'kind'"),
        ("series,kind,date,value\nx,record,2000,0\n", "a number above zero"),
        ("series,kind,date,value\nx,record,2000,many\n", "'many' in column value, row 1"),
        ("series,kind,date,value\nx,record,soon,1\n", "'soon' in column date"),
        ("series,kind,date,value\nx,guess,2000,1\n", "one of record, total, cost, typical"),
        ("series,kind,date,value\n,record,2000,1\n", "no series in row 1"),
        ("series,kind,date,value\nx,record,2000,1\nx,cost,2001,1\n", "'record' and 'cost' in column kind"),
        ("series,kind,date,value,better\nx,record,2000,1,up\n", "higher or lower"),
        ("series,kind,date,value,as_of\nx,record,2000,1,later\n", "'later' in column as_of"),
        ("series,kind,date,value\n", "no rows"),
    ],
)
def test_tables_that_cannot_be_used_say_why(brought, text, words):
    with pytest.raises(InputError) as caught:
        brought(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
