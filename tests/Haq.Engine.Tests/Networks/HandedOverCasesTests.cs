using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Building;
using Haq.Engine.Pipeline.Inputs;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Pipeline.Stages.Reports;

namespace Haq.Engine.Tests.Networks;

/// <summary>
/// Small networks on which a build once failed, where they stand beside the checkout: every manifest of them builds, and at 8 bits the file computes
/// what the model as it was read does.
/// </summary>
public sealed class HandedOverCasesTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>A cosine of 0.99.</summary>
    private const double MostNoise = 0.02;

    private readonly TemporaryFolder _folder = new();

    // What a default session does to a file is tested with the exporter, and how long many layers take with the search.
    public static TheoryData<string> Cases =>
        Shared.Folders("failing").Where(c => !c.StartsWith("ort_", StringComparison.Ordinal) && c != "wide_150").ToArray() is { Length: > 0 } cases ? [.. cases] : [""];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_network_that_failed_once_builds_and_stays_close_to_its_original(string name)
    {
        if (name.Length == 0) Assert.Skip("needs a folder 'failing' in a folder 'shared' beside the checkout");
        string source = Path.GetDirectoryName(Shared.File($"failing/{name}/model.onnx"))!;
        foreach (string file in Directory.EnumerateFiles(source)) File.Copy(file, _folder[Path.GetFileName(file)]);
        foreach (string manifest in (string[])["w8", "second", "tune"])
        {
            if (!File.Exists(_folder[$"{manifest}.yaml"])) continue;
            var options = new PipelineOptions(_folder[$"{manifest}.yaml"], new StageCache(_folder["cache"]));
            if (name == "labels_from_one")
            {
                Assert.Equal("HAQ0504", Assert.Throws<HaqException>(() => ManifestBuild.Run(options, null, CancellationToken.None)).Diagnostic.Descriptor.Code);
                continue;
            }
            var result = ManifestBuild.Run(options, null, CancellationToken.None);
            using var workspace = Workspace.Open(options, null, CancellationToken.None);
            var (original, exported) = (OnnxModel.Load(_folder["model.onnx"]), OnnxModel.Load(_folder[$"{manifest}.onnx"]));
            OutputRecord Record(OnnxModel model) =>
                OutputRecord.Of(model, PlainSession.Settings, workspace.Stages.Data.Value.Reported,
                Math.Min(16, workspace.Stages.Data.Value.Reported.Count), CancellationToken.None);
            var noise = Record(original).NoiseOf(Record(exported));
            output.WriteLine($"{name} {manifest}: {noise.Decibels:F1} dB at '{noise.Output}'; {string.Join(' ', result.Warnings.Select(w => w.Descriptor.Code))}");
            // The ten best of thousands that are nearly alike are other ones at 8 bits; what they are looked up in is as it was.
            if (name == "anchor_table")
            {
                Assert.DoesNotContain(exported.Graph.Node, n =>
                n.Is(OpNames.Gather) && exported.Graph.Initializer.Any(t => t.Name == n.Input[0] && TensorData.TypeOf(t) == DataType.Uint8));
            }
            else if (manifest != "tune")
            {
                Assert.True(noise.Power < MostNoise, $"{manifest}: {noise}");
            }
        }
    }
}
