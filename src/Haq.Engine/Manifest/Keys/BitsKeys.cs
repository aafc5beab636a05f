using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>bits:</c>, one set of widths for both or a mapping.</summary>
internal static class BitsKeys
{
    private static readonly Key<ImmutableArray<Bitwidth>> s_weights = new("weights", BitsKind.Widths, BitsKind.All, "2..8", "widths of weights");

    private static readonly Key<ImmutableArray<Bitwidth>> s_activations = new("activations", BitsKind.Widths, BitsKind.All, "2..8", "widths of activations");

    public static readonly KeyGroup Group = new(s_weights, s_activations);

    public static readonly BitsSettings All = new(BitsKind.All, BitsKind.All, null);

    public static readonly ValueKind<BitsSettings> Kind = new(
        value =>
        {
            if (!value.IsMapping)
            {
                var both = BitsKind.Widths.Read(value);
                return new BitsSettings(both, both, value.Location);
            }
            var section = new Section(value.AsMapping(), Group);
            return new BitsSettings(section.Get(s_weights), section.Get(s_activations), value.Location);
        },
        () => Kinds.AnyOf(BitsKind.Widths.Schema(), Group.Schema()),
        $"{BitsKind.Widths.Form}; or {{weights, activations}}");
}
