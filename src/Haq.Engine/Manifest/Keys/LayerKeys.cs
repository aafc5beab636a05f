using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary>The entries of <c>layers:</c>.</summary>
internal static class LayerKeys
{
    private static readonly Key<ImmutableArray<Bitwidth>> s_weights = new("weights", BitsKind.Widths, default, "8", "widths of its weights");

    private static readonly Key<ImmutableArray<Bitwidth>> s_activations = new("activations", BitsKind.Widths, default, "8", "widths of the activations that it reads");

    private static readonly Key<bool> s_skip = new("skip", Kinds.Flag, false, "false", "leave it in float");

    public static readonly KeyGroup Group = new(s_weights, s_activations, s_skip);

    public static readonly ValueKind<ImmutableArray<LayerSettings>> Kind = Kinds.MapOf(
        Read, () => Kinds.AnyOf(new JsonObject { ["const"] = "skip" }, Group.Schema()), "a mapping from layer names or globs to skip, or {weights, activations}");

    private static LayerSettings Read(string pattern, SourceLocation at, YamlValue value)
    {
        if (value.IsScalar)
        {
            value.AsOneOf("skip");
            return new LayerSettings(pattern, true, null, null, at);
        }
        var section = new Section(value.AsMapping(), Group);
        var weights = section.Locate(s_weights)?.Value;
        var activations = section.Locate(s_activations)?.Value;
        bool isSaid = section.Locate(s_skip) is not null, skip = section.Get(s_skip);
        if (skip && (weights is not null || activations is not null)) throw value.Invalid("a layer that is left in float has no bits: remove 'skip', or the bits");
        return isSaid || weights is not null || activations is not null
            ? new LayerSettings(pattern, skip, weights, activations, at)
            : throw value.Invalid("expected skip, weights or activations");
    }
}
