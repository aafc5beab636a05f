using System.Security.Cryptography;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Two manifests that differ anywhere and give a stage the same key give the same bytes of it: what is left out of keys has no influence.</summary>
public sealed class EqualKeysTests : IDisposable
{
    // Changes of the base that leave keys of some stages as they are; any of them go together.
    private static readonly (string Key, string Value)[] s_changes =
    [
        ("output", "elsewhere.onnx"), ("gate", "warning"), ("search.episodes", "9"), ("search.ddpg.warmup", "2"), ("search.ddpg.hidden", "[5, 5]"), ("search.candidate-training.epochs", "3"),
        ("quantization.percentile", "98"), ("finetune.momentum", "0.5"), ("finetune.step-epochs", "2"), ("finetune.step-factor", "0.5"), ("budget.latency", "2x"), ("budget.size", "0.9x"),
        ("search.strategy", "auto"), ("search.samples", "16"), ("finetune.learning-rate", "0.01"), ("finetune.loss", "mse"), ("metric", "agreement"), ("quantization.bias-correction", "false"),
        ("data.evaluation.samples", "30"), ("data.training.samples", "48"), ("data.search.samples", "40"), ("quantization.rounding", "second-order"), ("search.explore", "ddpg"),
    ];

    private readonly TinyProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Equal_keys_have_equal_bytes()
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var random = new SeededRandom(20);
        int compared = 0;
        for (int trial = 0; trial < 6; trial++)
        {
            var manifest = trial == 0 ? TinyProject.Base : TinyProject.With(TinyProject.Base, s_changes.Where(_ => random.NextDouble() < 0.3).Select(c => KeyValuePair.Create(c.Key, c.Value)));
            Build(manifest, $"cache {trial}");
            foreach (var (entry, digest) in Entries($"cache {trial}"))
            {
                if (!known.TryAdd(entry, digest)) compared++;
                Assert.True(known[entry] == digest, $"{entry} differs in trial {trial}: {string.Join(", ", manifest.Except(TinyProject.Base).Select(c => $"{c.Key}: {c.Value}"))}");
            }
        }
        Assert.True(compared >= 6, $"only {compared} entries were made twice");
    }

    private void Build(IReadOnlyDictionary<string, string> manifest, string cache)
    {
        using var workspace = _project.Open(manifest, cache);
        var stages = workspace.Stages;
        var policy = stages.Searched(stages.Strategy, null).Value.Outcome.Policy;
        stages.Scores.Ensure();
        if (stages.Reconstructed(stages.Calibrated(policy)) is { } learned) learned.Ensure();
    }

    // What a stage writes, without the seal over it; journals hold measurements in the order that they were made in.
    private IEnumerable<(string Entry, string Digest)> Entries(string cache) =>
        from stage in new[] { "calibrate", "score", "search", "reconstruct" }
        let folder = Path.Combine(_project[cache], stage)
        where Directory.Exists(folder)
        from entry in Directory.EnumerateDirectories(folder).Where(e => Path.GetExtension(e).Length == 0)
        from file in Directory.EnumerateFiles(entry)
        select (Path.GetRelativePath(_project[cache], file), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
}
