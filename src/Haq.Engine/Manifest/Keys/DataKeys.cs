using Haq.Engine.Data;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>data:</c>.</summary>
internal static class DataKeys
{
    // Read twice: the preprocessing first, as the sets inherit it.
    private static readonly ValueKind<YamlValue?> s_set = new(v => v, () => Kinds.AnyOf(Kinds.Text.Schema(), DatasetKeys.Group.Schema()), "a path, or a mapping");

    private static readonly Key<PreprocessOptions> s_preprocess = new("preprocess", PreprocessKeys.Kind, PreprocessOptions.None, null,
        "for the sets that have none of their own", group: PreprocessKeys.Group);

    private static readonly Key<YamlValue?> s_calibration = new("calibration", s_set, null, "{path: calibration.npz, samples: 256}",
        $"what ranges are measured on ({DatasetSplit.CalibrationSamples} samples by default); absent, from training or the search half of evaluation", group: DatasetKeys.Group);

    private static readonly Key<YamlValue?> s_search = new("search", s_set, null, "search.npz", "what the search maximizes; absent, a seeded half of evaluation", group: DatasetKeys.Group);

    private static readonly Key<YamlValue?> s_evaluation = new("evaluation", s_set, null, null, "what the report and the gates quote", group: DatasetKeys.Group);

    private static readonly Key<YamlValue?> s_training = new("training", s_set, null, "{path: training.npz, labels: labels.npy}", "what fine-tuning trains on", group: DatasetKeys.Group);

    public static readonly KeyGroup Group = new(s_preprocess, s_calibration, s_search, s_evaluation, s_training);

    public static readonly DatasetSources Nothing = new(null, null, null, null);

    public static readonly ValueKind<DatasetSources> Kind = Kinds.Mapping(Group, section =>
    {
        var shared = section.Get(s_preprocess);
        DatasetOptions? Set(Key<YamlValue?> key, int? samples = null) => section.Find(key) is { } value ? DatasetKeys.Read(value, shared, samples) : null;
        return new DatasetSources(Set(s_calibration, DatasetSplit.CalibrationSamples), Set(s_search), Set(s_evaluation), Set(s_training));
    });
}
