using System.Globalization;
using System.Text.Json.Nodes;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics.Units;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>search:</c>.</summary>
internal static class SearchKeys
{
    private const string TopWord = "top ";

    private const int MostMeasured = 50;

    private static ValueKind<Located<int>?> Top => new(
        v =>
        {
            string text = v.AsText();
            bool isTop = text.StartsWith(TopWord, StringComparison.Ordinal);
            if (isTop && int.TryParse(text.AsSpan(TopWord.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostMeasured) return new(count, v.Location);
            throw v.Invalid($"expected a number of candidates in 1..{MostMeasured}, as in 'top 5'");
        },
        () => new JsonObject { ["type"] = "string", ["pattern"] = "^top [1-9][0-9]?$" },
        "top N");

    private static readonly Key<Located<string>> s_strategy = new("strategy", Kinds.LocatedText, new("auto", default), "auto", "how the bits are chosen");

    private static readonly Key<int> s_episodes = new("episodes", Kinds.Integer(1, 10_000_000), 600, "600", "policies that an agent tries");

    private static readonly Key<int> s_seed = new("seed", Kinds.Integer(0, int.MaxValue), 1, "1", "the source of all randomness: the same seed, the same result");

    private static readonly Key<SearchEvaluation> s_evaluate = new("evaluate", Kinds.OneOf<SearchEvaluation>(), SearchEvaluation.Measured, "measured", "how a policy is scored");

    private static readonly Key<SensitivityMethod> s_sensitivity = new("sensitivity", Kinds.OneOf<SensitivityMethod>(), SensitivityMethod.Auto, "auto",
        "how each choice is scored by itself: measured (probe, sqnr), from gradients (fisher), or at the layer alone (local)");

    private static readonly Key<int> s_samples = new("samples", Kinds.Integer(1, int.MaxValue), 1000, "1000", "samples of the search set that a policy is scored on");

    private static readonly Key<int> s_finetuneEpochs = new("epochs", Kinds.Integer(1, 1000), 1, "1", "passes over the samples");

    private static readonly Key<int> s_finetuneSamples = new("samples", Kinds.Integer(1, int.MaxValue), 1024, "1024", "training samples that a candidate is trained on");

    private static readonly KeyGroup s_finetuneGroup = new(s_finetuneEpochs, s_finetuneSamples);

    private static readonly Key<(int Epochs, int Samples)> s_finetune = new(
        "candidate-training", Kinds.Mapping(s_finetuneGroup, section => (section.Get(s_finetuneEpochs), section.Get(s_finetuneSamples))), (1, 1024), null,
        "each candidate's training with 'evaluate: finetuned'; all else as in the manifest's own 'finetune:'", advanced: true, group: s_finetuneGroup);

    private static readonly Key<Quantity?> s_timeLimit = new("time-limit", Kinds.Optional(Kinds.Quantity(false, Dimension.Duration)), null, "10 min",
        "the search ends with its best so far; by default it runs to its end");

    private static readonly Key<SearchExploration> s_explore = new("explore", Kinds.OneOf<SearchExploration>(), SearchExploration.Local, "local",
        "what auto explores with around the best policy: changes of one or two widths (local), and after them HAQ's agent (ddpg)");

    private static readonly Key<FileReference?> s_agent = new("agent", new(v => v.AsFile(), Kinds.Text.Schema, Kinds.File.Form), null, "agent.bin",
        "a trained agent to start from", advanced: true);

    private static readonly Key<DdpgSettings> s_ddpg = new("ddpg", DdpgKeys.Kind, DdpgKeys.Default, null, "HAQ's agent", advanced: true, group: DdpgKeys.Group);

    private static readonly Key<Located<int>?> s_measure = new("measure", Top, null, "top 5",
        "how many of the best candidates are timed on the device as whole files; the fastest that keeps accuracy-drop is taken");

    public static readonly KeyGroup Group = new(s_strategy, s_episodes, s_seed, s_evaluate, s_sensitivity, s_samples, s_finetune, s_timeLimit, s_explore, s_measure, s_agent, s_ddpg);

    public static readonly ValueKind<SearchSettings> Kind = Kinds.Mapping(Group, section => new SearchSettings(
        section.Get(s_strategy), section.Get(s_episodes), section.Get(s_seed), section.Get(s_evaluate), section.Get(s_sensitivity), section.Get(s_samples),
        section.Get(s_finetune).Epochs, section.Get(s_finetune).Samples,
        section.Get(s_timeLimit) is { } limit ? TimeSpan.FromSeconds(Math.Min(limit.Value, TimeSpan.MaxValue.TotalSeconds / 2)) : null,
        section.Get(s_explore), section.Get(s_agent), section.Get(s_ddpg)) { Measure = section.Get(s_measure) });

    /// <summary>The section when it is absent.</summary>
    public static SearchSettings Default(string file) => new(
        new Located<string>(s_strategy.WhenAbsent.Value, new SourceLocation(file)), s_episodes.WhenAbsent, s_seed.WhenAbsent, s_evaluate.WhenAbsent,
        s_sensitivity.WhenAbsent, s_samples.WhenAbsent, s_finetune.WhenAbsent.Epochs, s_finetune.WhenAbsent.Samples, null, s_explore.WhenAbsent, null, DdpgKeys.Default);
}
