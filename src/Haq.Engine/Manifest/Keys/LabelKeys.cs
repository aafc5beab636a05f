using Haq.Engine.Data;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>labels:</c>, a file alone or a mapping.</summary>
internal static class LabelKeys
{
    private static readonly Key<FileReference?> s_path = new("path", new(v => v.AsFile(), Kinds.Text.Schema, Kinds.File.Form), null, "labels.csv",
        "a file of their own: npy, npz, idx or csv; absent, they are in the data file");

    private static readonly Key<string?> s_array = new("array", Kinds.Text!, null, "y", "the array's name in an .npz");

    private static readonly Key<string?> s_column = new("column", Kinds.Text!, null, "label", "the column's name or number, from 1, in a CSV file");

    private static readonly Key<int> s_offset = new("offset", Kinds.Integer(-1_000_000, 1_000_000), 0, "0",
        "added to every label: -1 where they start at 1 and classes at 0, 1 where class 0 has no samples");

    public static readonly KeyGroup Group = new(s_path, s_array, s_column, s_offset);

    public static readonly ValueKind<LabelOptions?> Kind = new(
        value =>
        {
            if (value.IsScalar) return new LabelOptions(value.AsFile());
            var section = new Section(value.AsMapping(), Group);
            return new LabelOptions(section.Get(s_path), section.Get(s_array), section.Get(s_column)) { Offset = section.Get(s_offset) };
        },
        () => Kinds.AnyOf(Kinds.Text.Schema(), Group.Schema()),
        "a file, or {path, array, column, offset}");
}
