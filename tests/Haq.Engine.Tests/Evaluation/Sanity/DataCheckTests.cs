using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Evaluation.Sanity;

public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Data_like_that_of_training_gives_no_warning() => Assert.Empty(Warnings(scale: 255));

    [Fact]
    public void The_first_batch_normalization_tells_a_wrong_scale_and_the_one_that_fits()
    {
        var warning = Assert.Single(Warnings(scale: 1));
        Assert.Equal(DiagnosticCatalog.InputsUnlikeTraining, warning.Descriptor);
        Assert.Contains("With 'preprocess: {scale: 255}'", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_are_all_the_same_are_told()
    {
        var found = Warnings(scale: 255, value: _ => 0).Select(w => w.Descriptor).ToList();
        Assert.Contains(DiagnosticCatalog.OutputsIgnoreInput, found);
        Assert.Contains(DiagnosticCatalog.InputsSaturated, found);
    }

    private IReadOnlyList<Diagnostic> Warnings(double scale, Func<int, byte>? value = null)
    {
        var random = new SeededRandom(4);
        byte[] bytes = [.. Enumerable.Range(0, 16 * 64).Select(i => value?.Invoke(i) ?? (byte)random.Next(256))];
        string path = Path.Combine(_folder.Path, $"data-{scale}-{value is null}.bin");
        File.WriteAllBytes(path, bytes);
        var options = new DatasetOptions([new DataFile(null, FileReference.Resolve(path, new SourceLocation("haq.yaml", 3, 5)))])
        {
            Format = DatasetFormat.Raw, ElementType = ElementKind.Uint8, Shape = [1, 8, 8], Preprocess = new PreprocessOptions { Scale = scale },
        };
        var model = Model();
        using var data = Dataset.Open(options, [new("x", DataType.Float, [-1, 1, 8, 8])], []);
        return new DataCheck(model, options, [], "y").Warnings(data, CancellationToken.None);
    }

    // Trained on values of 0..1: mean ½ and deviation √(1/12), times each channel's weight.
    private static OnnxModel Model()
    {
        float[] weights = [1, -0.5f, 2, 0.25f];
        return TinyModel.Of(
            13, ("x", [-1, 1, 8, 8]),
            [
                TensorData.Of("w", [4, 1, 1, 1], weights), TensorData.Of("gamma", [4], [1f, 1, 1, 1]), TensorData.Of("beta", [4], new float[4]),
                TensorData.Of("mean", [4], [.. weights.Select(w => w / 2)]), TensorData.Of("var", [4], [.. weights.Select(w => w * w / 12)]),
            ],
            OnnxNode.Of(OpNames.Conv, ["x", "w"], ["c"], "conv"), OnnxNode.Of(OpNames.BatchNormalization, ["c", "gamma", "beta", "mean", "var"], ["n"], "norm"),
            OnnxNode.Of(OpNames.GlobalAveragePool, ["n"], ["y"], "pool"));
    }
}
