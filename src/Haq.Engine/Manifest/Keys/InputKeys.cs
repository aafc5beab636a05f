using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>The entries of <c>inputs:</c>: a shape, an array's name, or both in a mapping.</summary>
internal static class InputKeys
{
    private static readonly ValueKind<ImmutableArray<int>> s_dimensions = Kinds.ListOf(Kinds.Integer(0, int.MaxValue), single: false, min: 0);

    private static readonly Key<ImmutableArray<int>> s_shape = new("shape", s_dimensions, default, "[1, 3, 224, 224]",
        "its shape with the batch, where the graph leaves it open; an extent may be 0, as that of an empty past");

    private static readonly Key<string?> s_array = new("array", Kinds.Text!, null, "x", "the array of an .npz that feeds it");

    public static readonly KeyGroup Group = new(s_shape, s_array);

    public static readonly ValueKind<ImmutableArray<InputOptions>> Kind = Kinds.MapOf(
        Read, () => Kinds.AnyOf(s_dimensions.Schema(), Kinds.Text.Schema(), Group.Schema()),
        "a mapping from the model's inputs to a shape, the name of an array, or {shape, array}");

    private static InputOptions Read(string name, SourceLocation at, YamlValue value)
    {
        if (value.IsSequence) return new InputOptions(name, s_dimensions.Read(value), null, at);
        if (value.IsScalar) return new InputOptions(name, null, value.AsText(), at);
        var section = new Section(value.AsMapping(), Group);
        return new InputOptions(name, section.Locate(s_shape)?.Value, section.Get(s_array), at);
    }
}
