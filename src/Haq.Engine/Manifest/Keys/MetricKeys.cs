using Haq.Engine.Search;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>metric:</c>, a name or a mapping.</summary>
internal static class MetricKeys
{
    private static readonly ValueKind<Quality?> s_name = Kinds.Optional(Kinds.OneOf<Quality>());

    private static readonly Key<Quality?> s_kind = new("kind", s_name, null, "top1", "what is measured");

    private static readonly Key<string?> s_output = new("output", Kinds.Text!, null, "logits", "the model's output to measure; by default its first of real numbers");

    public static readonly KeyGroup Group = new(s_kind, s_output);

    public static readonly MetricSettings Default = new(null, null, null);

    public static readonly ValueKind<MetricSettings> Kind = new(
        value =>
        {
            if (value.IsScalar) return new MetricSettings(s_name.Read(value), null, value.Location);
            var section = new Section(value.AsMapping(), Group);
            return new MetricSettings(section.Get(s_kind), section.Get(s_output), value.Location);
        },
        () => Kinds.AnyOf(s_name.Schema(), Group.Schema()),
        $"{s_name.Form}, or {{kind, output}}");
}
