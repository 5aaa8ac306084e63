import numpy as np
import pytest

from vaepipe import letters, plotting

LOOK = {"colormap": "gray_r", "width": 16.0}


@pytest.fixture
def arrays():
    generator = np.random.default_rng(0)

    def images(*shape):
        return generator.integers(0, 256, (*shape, 784), dtype=np.uint8)

    return {
        "characters_clean": images(3),
        "characters_noisy": images(3),
        "characters_reconstructed": images(3),
        "traversal": images(4, 5),
        "kl_per_latent": generator.random((2, 4)),
    }


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "history.csv"
    rows = [
        f"{seed},{epoch},{split},1,1,0,0,{seed + epoch + (split == 'test') / 10}"
        for seed in (0, 7)
        for epoch in (1, 2, 3, 4)
        for split in ("train", "test")
    ]
    path.write_text("seed,epoch,split,total,reconstruction,kl,l2,total_per_pixel\n")
    path.write_text(path.read_text() + "\n".join(rows) + "\n")
    return letters.read_history(path)


def test_tile_lays_images_out_in_rows():
    images = np.arange(1, 7, dtype=np.uint8).reshape(3, 2, 1) * np.ones(4, np.uint8)
    sheet = plotting.tile(images, (2, 2), gap=1)
    assert sheet.shape == (8, 5)
    assert sheet[0].tolist() == [1, 1, 0, 2, 2]
    assert sheet[2].tolist() == [0] * 5
    assert sheet[7].tolist() == [5, 5, 0, 6, 6]


def test_image_of_a_vector():
    assert plotting.image(np.arange(6), (2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_line_styles_differ():
    styles = {tuple(plotting.line_style(i).items()) for i in range(28)}
    assert len(styles) == 28


def test_curves_are_one_row_a_seed(history):
    epochs, values = letters.curves(history, "test")
    assert epochs.tolist() == [1, 2, 3, 4]
    assert np.allclose(values, [[1.1, 2.1, 3.1, 4.1], [8.1, 9.1, 10.1, 11.1]])


def test_square_takes_whole_rows_from_the_front():
    assert letters.square(np.arange(11)[:, None]).squeeze().tolist() == [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
    ]


def draw_all(folder, arrays, history):
    folder.mkdir()
    letters.learning_curve(folder / "curve.svg", history, LOOK)
    letters.all_learning_curves(folder / "curves.svg", {"a": history, "b": history}, LOOK)
    letters.reconstructions(folder / "reconstructions.svg", "ABC", {"a": arrays}, LOOK)
    letters.traversal(folder / "traversal.svg", arrays, 2.0, LOOK)
    letters.kl_per_latent(folder / "kl.svg", {"a": arrays["kl_per_latent"]}, LOOK)
    letters.sheet(folder / "sheet.svg", arrays["traversal"], LOOK)
    letters.examples(
        folder / "examples.svg", arrays["characters_clean"], arrays["characters_noisy"], "ABC", LOOK
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_figures_are_svg_and_the_same_byte_for_byte(tmp_path, arrays, history):
    first = draw_all(tmp_path / "a", arrays, history)
    second = draw_all(tmp_path / "b", arrays, history)
    assert len(first) == 7
    assert all(b"<svg" in content for content in first.values())
    assert first == second


def test_figures_change_with_their_data(tmp_path, arrays, history):
    first = draw_all(tmp_path / "a", arrays, history)
    other = {name: 255 - a if a.dtype == np.uint8 else a + 1 for name, a in arrays.items()}
    history["total_per_pixel"] = history["total_per_pixel"] ** 2
    second = draw_all(tmp_path / "b", other, history)
    assert not [name for name in first if first[name] == second[name]]


def test_two_steps_of_a_traversal_draw(tmp_path, arrays):
    short = arrays | {"traversal": arrays["traversal"][:, :2]}
    letters.traversal(tmp_path / "traversal.svg", short, 2.0, LOOK)
    assert (tmp_path / "traversal.svg").stat().st_size > 1000


def test_a_high_picture_leaves_room_for_its_caption():
    figure, _ = plotting.new_picture(np.zeros((280, 28), np.uint8), 16.0, 2.0, "gray")
    assert figure.get_figheight() <= (plotting.TALLEST + 2.0) * plotting.CM + 1e-9


def test_floats_and_bytes_show_the_same():
    shown = []
    for vector in (np.array([0.0, 1.0]), np.array([0, 255], np.uint8)):
        _, ax = plotting.new_figure(4, 4)
        plotting.show(vector, (1, 2), ax, "gray")
        shown.append(ax.images[0].norm(vector).tolist())
    assert shown[0] == shown[1] == [0, 1]


def test_one_seed_and_one_epoch_draw(tmp_path, history):
    single = {n: c[(history["seed"] == 0) & (history["epoch"] == 1)] for n, c in history.items()}
    letters.learning_curve(tmp_path / "curve.svg", single, LOOK)
    assert (tmp_path / "curve.svg").stat().st_size > 1000
