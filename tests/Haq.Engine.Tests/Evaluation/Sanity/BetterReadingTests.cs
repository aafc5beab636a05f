using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Evaluation.Sanity;

/// <summary>A model that tells dark, grey and bright apart by one value of 0..255, and data that is read a little wrongly.</summary>
public sealed class BetterReadingTests : IDisposable
{
    private static readonly SourceLocation s_at = new("haq.yaml", 3, 5);
    private static readonly float[] s_centres = [40, 128, 215];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_scale_that_leaves_half_of_the_classes_right_is_told_with_the_one_that_leaves_all()
    {
        // 128 / 1.5 is between the first two centres, 215 / 1.5 nearest to the second.
        var found = Find(Data(120) with { Preprocess = new PreprocessOptions { Scale = 1.5 } });
        Assert.Equal(DiagnosticCatalog.ReadsBetter, found!.Descriptor);
        Assert.Equal(s_at, found.Location);
        Assert.StartsWith("with 'preprocess: {scale: 1}' the float model is right on 100.0 % of 120 samples, as the data is read now on ", found.Message, StringComparison.Ordinal);
        Assert.Contains(", and 0 fewer.", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_is_right_on_a_few_samples_more_is_not_told()
    {
        Assert.Null(Find(Data(120)));
        // Brighter by a tenth: the greys and the darks stay what they are.
        Assert.Null(Find(Data(120) with { Preprocess = new PreprocessOptions { Scale = 0.9 } }));
    }

    [Fact]
    public void Few_samples_and_large_networks_are_not_tried()
    {
        Assert.Null(Find(Data(63) with { Preprocess = new PreprocessOptions { Scale = 1.5 } }));
        Assert.NotNull(Find(Data(64) with { Preprocess = new PreprocessOptions { Scale = 1.5 } }));
        Assert.Null(Find(Data(120) with { Preprocess = new PreprocessOptions { Scale = 1.5 } }, macs: 4_000_000_000));
    }

    private static Diagnostic? Find(DatasetOptions options, long macs = 3) => new BetterReading(Model(), options, [], "y").Find(macs, s_at, CancellationToken.None);

    // The nearest centre: 2·c·x − c².
    private static OnnxModel Model() => TinyModel.Of(
        13, ("x", [-1, 1]), [TensorData.Of("w", [1, 3], [.. s_centres.Select(c => 2 * c)]), TensorData.Of("b", [3], [.. s_centres.Select(c => -c * c)])],
        Haq.Engine.Onnx.OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["y"], "classes"));

    private DatasetOptions Data(int count)
    {
        var random = new SeededRandom(1);
        string path = Path.Combine(_folder.Path, string.Create(CultureInfo.InvariantCulture, $"data{count}.csv"));
        string Line(int i) => string.Create(CultureInfo.InvariantCulture, $"{s_centres[i % 3] + 20 * (random.NextDouble() - 0.5):F2},{i % 3}");
        File.WriteAllLines(path, Enumerable.Range(0, count).Select(Line).Prepend("value,label"));
        return new DatasetOptions([new DataFile(null, FileReference.Resolve(path, s_at))]);
    }
}
