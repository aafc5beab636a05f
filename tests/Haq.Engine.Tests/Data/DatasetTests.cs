using System.Collections.Immutable;
using System.IO.Compression;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

public sealed class DatasetTests(DataFixture files) : IClassFixture<DataFixture>
{
    private Dataset Numbers(int count, string name = "numbers.npy", long batch = -1) =>
        Open(files.Write(name, Npy("<f4", $"{count}, 1", Bytes(Enumerable.Range(0, count).Select(i => (float)i).ToArray()))), Input("x", batch, 1));

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 4)]
    [InlineData(10, 4)]
    [InlineData(10, 100)]
    public void Batches_hold_every_sample_once_in_order(int count, int size)
    {
        using var dataset = Numbers(count);
        var seen = new List<float>();
        foreach (var batch in Batches.InOrder(dataset, size))
        {
            Assert.Equal(batch.Count, (int)batch.Inputs[0].Shape[0]);
            seen.AddRange(batch.Inputs[0].Values<float>().ToArray());
        }
        Assert.Equal(Enumerable.Range(0, count).Select(i => (float)i), seen);
    }

    [Fact]
    public void A_fixed_batch_is_kept_and_its_last_rows_repeat()
    {
        using var dataset = Numbers(5, batch: 2);
        var batches = Batches.InOrder(dataset, 64).Select(b => (b.Count, b.Inputs[0].ToFloats())).ToList();
        Assert.Equal([2, 2, 1], batches.Select(b => b.Count));
        Assert.Equal([4, 4], batches[2].Item2);
    }

    [Fact]
    public void One_number_a_sample_feeds_a_scalar()
    {
        using var dataset = Open(files.Write("scalar.npy", Npy("<f4", "3, 1", Bytes(1f, 2, 3))), Input("x"));
        Assert.Equal(1, dataset.FixedBatch);
        Assert.Equal([2], Row(dataset, 1));
    }

    [Fact]
    public void Samples_may_be_whole_inputs_of_the_shape_that_the_manifest_gives()
    {
        string path = files.Write("whole.npy", Npy("<f4", "2, 3, 1, 2", Bytes(Enumerable.Range(0, 12).Select(i => (float)i).ToArray())));
        using var dataset = Dataset.Open(Options(path), [Input("x", -1, -1, 2)], [new InputOptions("x", [3, 1, 2], null, Reference(path).At)]);
        Assert.Equal(1, dataset.FixedBatch);
        Assert.Equal([3, 1, 2], dataset.Inputs[0].Shape);
        Assert.Equal([6, 7, 8, 9, 10, 11], Row(dataset, 1));
    }

    [Fact]
    public void Inputs_that_take_different_numbers_of_samples_at_a_time_are_refused()
    {
        string path = files.Write("batches.npz", Zip(CompressionLevel.Fastest, ("a.npy", Npy("<f4", "8, 2", Bytes(new float[16]))), ("b.npy", Npy("<f4", "8, 3", Bytes(new float[24])))));
        var refused = Refused(() => Open(path, Input("a", 4, 2), Input("b", 3)));
        Assert.Equal("HAQ0103", refused.Descriptor.Code);
        Assert.Contains("'a' [4, 2], 'b' [3]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_of_ones_own_is_followed_and_leaving_early_is_fine()
    {
        using var dataset = Numbers(9);
        var order = new[] { 8, 0, 3 };
        Assert.Equal([8, 0, 3], Batches.InOrder(dataset, order, 2).SelectMany(b => b.Inputs[0].ToFloats()));
        Assert.Single(Batches.InOrder(dataset, 2).Take(1).ToList());
        Assert.Throws<OperationCanceledException>(() => Batches.InOrder(dataset, 2, new CancellationToken(true)).Count());
    }

    [Fact]
    public void An_error_while_reading_ahead_reaches_the_reader()
    {
        using var dataset = Open(files.Write("late.npy", Npy("<f4", "5, 1", Bytes(0, 1, 2, 3, float.PositiveInfinity))), Input("x", -1, 1));
        Assert.Equal("HAQ0106", Refused(() => Batches.InOrder(dataset, 2).Count()).Descriptor.Code);
    }

    [Theory]
    [InlineData(null, ColorOrder.Rgb, new float[] { 1, 2, 11, 12, 21, 22 }, 3, 1, 2)]
    [InlineData(null, ColorOrder.Bgr, new float[] { 21, 22, 11, 12, 1, 2 }, 3, 1, 2)]
    [InlineData(null, ColorOrder.Rgb, new float[] { 1, 11, 21, 2, 12, 22 }, 1, 2, 3)]
    [InlineData(TensorLayout.Nhwc, ColorOrder.Bgr, new float[] { 21, 11, 1, 22, 12, 2 }, 1, 2, 3)]
    public void Layout_and_color_follow_the_model(TensorLayout? layout, ColorOrder color, float[] expected, int a, int b, int c)
    {
        // Stored channel first: red 1 2, green 11 12, blue 21 22.
        string path = files.Write("image.npy", Npy("|u1", "1, 3, 1, 2", [1, 2, 11, 12, 21, 22]));
        var options = Options(path) with { Preprocess = new PreprocessOptions { Layout = layout, Color = color } };
        using (var dataset = Dataset.Open(options, [Input("x", -1, a, b, c)], [])) Assert.Equal(expected, Row(dataset, 0));

        // And stored channel last.
        string last = files.Write("image-last.npy", Npy("<f4", "1, 1, 2, 3", Bytes<float>(1, 11, 21, 2, 12, 22)));
        using (var dataset = Dataset.Open(Options(last) with { Preprocess = options.Preprocess }, [Input("x", -1, a, b, c)], [])) Assert.Equal(expected, Row(dataset, 0));
    }

    [Fact]
    public void Preprocessing_is_x_over_scale_minus_mean_over_std_per_channel()
    {
        var preprocess = new PreprocessOptions { Scale = 255, Mean = [0.485, 0.456, 0.406], Std = [0.229, 0.224, 0.225] };
        byte[] stored = [0, 51, 255];
        float[] expected = [.. stored.Select((v, c) => (float)((v / 255.0 - preprocess.Mean[c]) / preprocess.Std[c]))];
        foreach (var (type, bytes) in new[] { ("|u1", stored), ("<f4", Bytes<float>(0, 51, 255)), ("<i8", Bytes<long>(0, 51, 255)) })
        {
            using var dataset = Dataset.Open(Options(files.Write("p.npy", Npy(type, "1, 3, 1, 1", bytes))) with { Preprocess = preprocess }, [Input("x", -1, 3, 1, 1)], []);
            Assert.Equal(expected, Row(dataset, 0));
        }
        var refused = Refused(() => Dataset.Open(Options(files.Write("q.npy", Npy("|u1", "1, 4, 1, 1", new byte[4]))) with { Preprocess = preprocess }, [Input("x", -1, 4, 1, 1)], []));
        Assert.Contains("'mean' has 3 values, but input 'x' [N, 4, 1, 1] has 4 channels", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_the_graph_leaves_open_come_from_the_data_or_the_manifest()
    {
        string path = files.Write("open.npy", Npy("<f4", "2, 3, 4", new byte[96]));
        using (var fromData = Open(path, Input("x", -1, -1, -1))) Assert.Equal([-1, 3, 4], fromData.Inputs[0].Shape);
        using (var declared = Dataset.Open(Options(path), [Input("x", -1, -1, -1, -1)], [new InputOptions("x", [1, 1, 3, 4], null, default)]))
            Assert.Equal([-1, 1, 3, 4], declared.Inputs[0].Shape);
        var refused = Refused(() => Open(path, Input("x", -1, 1, -1, -1, 1)));
        Assert.Contains("'inputs: {x: [1, 1, 1, 1, 1]}'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("HAQ0103", Refused(() => Dataset.Open(Options(path), [Input("x", -1, 5, 4)], [new InputOptions("x", [1, 3, 4], null, default)])).Descriptor.Code);
        Assert.Equal("HAQ0108", Refused(() => Dataset.Open(Options(path), [Input("x", -1, 3, 4)], [new InputOptions("z", [1, 3, 4], null, default)])).Descriptor.Code);
    }

    [Fact]
    public void A_model_without_a_batch_takes_whole_samples_one_at_a_time()
    {
        using var dataset = Open(files.Write("whole.npy", Npy("<f4", "3, 5, 2", new byte[120])), Input("x", 5, 2));
        Assert.Equal([5, 2], dataset.Inputs[0].Shape);
        Assert.Equal(3, Batches.InOrder(dataset, 8).Count());
    }

    [Fact]
    public void Tokens_keep_their_type_and_what_does_not_fit_is_refused()
    {
        string path = files.Write("tokens.npy", Npy("<i4", "1, 3", Bytes(7, 300, -1)));
        using (var dataset = Dataset.Open(Options(path) with { Preprocess = new PreprocessOptions { Scale = 255 } }, [new("x", DataType.Int64, [-1, 3])], []))
        {
            using var batch = new Batch(dataset, 1);
            batch.Fill(dataset, [0]);
            Assert.Equal([7, 300, -1], batch.Inputs[0].Values<long>().ToArray());
        }
        using var narrow = Dataset.Open(Options(path), [new("x", DataType.Uint8, [-1, 3])], []);
        using var row = new Batch(narrow, 1);
        Assert.Contains("holds 300 at element 1, but input 'x' takes uint8", Refused(() => row.Fill(narrow, [0])).Message, StringComparison.Ordinal);
        Assert.Contains("takes string", Refused(() => Dataset.Open(Options(path), [new("x", DataType.String, [-1, 3])], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Halves_are_disjoint_complete_and_the_same_for_a_seed()
    {
        using var dataset = Numbers(101);
        var (first, second) = DatasetSplit.Halve(dataset, new SeededRandom(3));
        int[] a = ((DatasetSubset)first).Samples.ToArray(), b = ((DatasetSubset)second).Samples.ToArray();
        Assert.Equal((50, 51), (a.Length, b.Length));
        Assert.Equal(Enumerable.Range(0, 101), a.Concat(b).Order());
        Assert.Equal(a.Order(), a);
        Assert.Equal(a, ((DatasetSubset)DatasetSplit.Halve(dataset, new SeededRandom(3)).First).Samples.ToArray());
        Assert.NotEqual(a, ((DatasetSubset)DatasetSplit.Halve(dataset, new SeededRandom(4)).First).Samples.ToArray());
    }

    [Fact]
    public void The_reported_half_is_never_calibrated_searched_or_trained_on()
    {
        using var numbers = Numbers(40, "evaluation.npy");
        var evaluation = Options(Path.Combine(files.Folder, "evaluation.npy"));
        ImmutableArray<DatasetSources> cases =
        [
            new(null, null, evaluation, null),
            new(evaluation with { Samples = 5 }, null, evaluation, null),
            new(null, evaluation with { Samples = 7 }, evaluation, evaluation),
            new(evaluation with { Samples = 6 }, null, null, null),
            new(null, evaluation, null, null),
        ];
        foreach (var sources in cases)
        {
            using var split = DatasetSplit.Open(sources, [Input("x", -1, 1)], [], new SeededRandom(1), default);
            static HashSet<float> Values(IDataset set) => [.. Batches.InOrder(set, 8).SelectMany(b => b.Inputs[0].ToFloats())];
            var reported = Values(split.Reported);
            Assert.Equal(20, reported.Count);
            foreach (var other in new[] { split.Calibration, split.Search, split.Training })
                if (other is not null) Assert.Empty(Values(other).Intersect(reported));
        }
    }

    [Fact]
    public void Sets_of_their_own_are_used_whole()
    {
        using var a = Numbers(10, "own-evaluation.npy");
        using var b = Numbers(300, "own-search.npy");
        using var c = Numbers(400, "own-training.npy");
        DatasetOptions Own(string name) => Options(Path.Combine(files.Folder, name));
        var sources = new DatasetSources(null, Own("own-search.npy") with { Samples = 100 }, Own("own-evaluation.npy"), Own("own-training.npy"));
        using var split = DatasetSplit.Open(sources, [Input("x", -1, 1)], [], new SeededRandom(1), default);
        Assert.Equal((10, 100, 400, 256), (split.Reported.Count, split.Search.Count, split.Training!.Count, split.Calibration.Count));
    }

    [Fact]
    public void No_data_says_what_is_needed_and_why()
    {
        var at = new SourceLocation("haq.yaml", 1, 1);
        var diagnostic = Refused(() => DatasetSplit.Open(new(null, null, null, null), [Input("x", -1, 1)], [], new SeededRandom(1), at));
        Assert.StartsWith("haq.yaml(1,1): error HAQ0110: no data is given: ranges of activations are measured", diagnostic.ToString(), StringComparison.Ordinal);
    }
}
