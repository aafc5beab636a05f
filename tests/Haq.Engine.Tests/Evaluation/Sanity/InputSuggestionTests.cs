using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Numerics;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Evaluation.Sanity;

/// <summary>A model of three classes that wants one value of 0..1, and tables of bytes.</summary>
public sealed class InputSuggestionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_scale_under_which_the_model_knows_the_labels_is_taken()
    {
        var found = Find(i => i % 3);
        Assert.Equal(255, found.Options.Preprocess.Scale);
        Assert.Null(found.Problem);
        Assert.StartsWith("100.0 % top-1 on 120 samples, the best of ", found.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shift_of_the_labels_is_found_together_with_the_scale()
    {
        var found = Find(i => i % 3 + 1);
        Assert.Equal(255, found.Options.Preprocess.Scale);
        Assert.Equal(-1, found.Options.Labels!.Offset);
    }

    [Fact]
    public void Labels_by_chance_are_a_problem_that_is_told()
    {
        var random = new SeededRandom(5);
        Assert.Contains("no better than chance", Find(_ => random.Next(3)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_other_classes_leave_agreement()
    {
        var found = Find(i => i);
        Assert.True(found.HasOtherLabels);
        Assert.Null(found.Problem);
    }

    [Fact]
    public void Data_that_does_not_fit_says_why() => Assert.Contains("shape", Find(i => i % 3, inputs: 4).Problem, StringComparison.Ordinal);

    [Fact]
    public void Quantized_features_get_the_zero_point_and_scale_under_which_the_model_knows_them()
    {
        // Classes are at −40, 0 and 40; stored with zero point 70 and scale 2.
        float[] centres = [-40, 0, 40];
        var random = new SeededRandom(4);
        string path = Path.Combine(_folder.Path, "features.bin"), labels = Path.Combine(_folder.Path, "labels.bin");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 120).Select(i => (byte)(sbyte)Math.Round(centres[i % 3] / 2 + 70 + 8 * (random.NextDouble() - 0.5)))]);
        File.WriteAllBytes(labels, [.. Enumerable.Range(0, 120).Select(i => (byte)(i % 3))]);
        var at = new SourceLocation("haq.yaml");
        var options = new DatasetOptions([new DataFile(null, FileReference.Resolve(path, at))])
        {
            Format = DatasetFormat.Raw, ElementType = ElementKind.Int8, Shape = [1], Labels = new LabelOptions(FileReference.Resolve(labels, at)),
        };

        var found = InputSuggestion.Find(ByCentres(centres, 1), options, [], CancellationToken.None);

        Assert.StartsWith("100.0 % top-1 on 120 samples, fitted to their labels", found.Why, StringComparison.Ordinal);
        Assert.Null(found.Problem);
        Assert.InRange(found.Options.Preprocess.Mean[0], 60, 80);
    }

    private InputSuggestion Find(Func<int, int> label, int inputs = 1)
    {
        float[] centres = [0.15f, 0.5f, 0.85f];
        var random = new SeededRandom(2);
        string path = Path.Combine(_folder.Path, "data.csv");
        File.WriteAllLines(path, Enumerable.Range(0, 120)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(255 * centres[i % 3] + random.Next(20) - 10)},{label(i)}")).Prepend("value,label"));
        var options = new DatasetOptions([new DataFile(null, FileReference.Resolve(path, new SourceLocation("haq.yaml")))]);
        return InputSuggestion.Find(ByCentres(centres, inputs), options, [], CancellationToken.None);
    }

    // The nearest centre: −(x − c)² without x².
    private static OnnxModel ByCentres(float[] centres, int inputs) => TinyModel.Of(
        13, ("x", [-1, inputs]),
        [TensorData.Of("w", [inputs, 3], [.. centres.Select(c => 2 * c), .. new float[3 * (inputs - 1)]]), TensorData.Of("b", [3], [.. centres.Select(c => -c * c)])],
        OnnxNode.Of(OpNames.Gemm, ["x", "w", "b"], ["y"], "classes"));
}
