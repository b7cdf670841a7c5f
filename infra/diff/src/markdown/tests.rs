use super::code;

#[test]
fn a_cell_holds_any_text() {
    for (text, cell) in [
        ("", ""),
        ("plain", "`plain`"),
        ("a|b", "`a\\|b`"),
        ("two\nlines", "`two lines`"),
        ("`tick`", "`` `tick` ``"),
    ] {
        assert_eq!(code(text), cell);
    }
}
