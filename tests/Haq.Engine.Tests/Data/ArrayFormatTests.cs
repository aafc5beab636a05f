using System.Buffers.Binary;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using Haq.Engine.Data;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

public sealed class ArrayFormatTests(DataFixture files) : IClassFixture<DataFixture>
{
    public static TheoryData<string, byte[]> Types => new()
    {
        { "|u1", Bytes<byte>(1, 2, 3, 4, 5, 6) },
        { "|i1", Bytes<sbyte>(1, 2, 3, 4, 5, 6) },
        { "<i2", Bytes<short>(1, 2, 3, 4, 5, 6) },
        { "<u2", Bytes<ushort>(1, 2, 3, 4, 5, 6) },
        { "<i4", Bytes(1, 2, 3, 4, 5, 6) },
        { "<u4", Bytes<uint>(1, 2, 3, 4, 5, 6) },
        { "<i8", Bytes<long>(1, 2, 3, 4, 5, 6) },
        { "<f2", Bytes((Half)1, (Half)2, (Half)3, (Half)4, (Half)5, (Half)6) },
        { "<f4", Bytes<float>(1, 2, 3, 4, 5, 6) },
        { "<f8", Bytes<double>(1, 2, 3, 4, 5, 6) },
        { ">i4", Bytes(Enumerable.Range(1, 6).Select(BinaryPrimitives.ReverseEndianness).ToArray()) },
        { ">f8", Bytes(Enumerable.Range(1, 6).Select(v => BinaryPrimitives.ReverseEndianness(BitConverter.DoubleToInt64Bits(v))).ToArray()) },
        { ">i2", Bytes(Enumerable.Range(1, 6).Select(v => BinaryPrimitives.ReverseEndianness((short)v)).ToArray()) },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Npy_elements_of_every_type_arrive(string type, byte[] content)
    {
        foreach (byte version in new byte[] { 1, 2, 3 })
        {
            using var dataset = Open(files.Write("a.npy", Npy(type, "2, 3", content, version: version)), Input("x", -1, 3));
            Assert.Equal(2, dataset.Count);
            Assert.Equal([1, 2, 3], Row(dataset, 0));
            Assert.Equal([4, 5, 6], Row(dataset, 1));
        }
    }

    [Fact]
    public void Fortran_order_is_the_same_array_whatever_its_shape()
    {
        var shapes = from n in Gen.Choose(1, 5) from h in Gen.Choose(1, 4) from w in Gen.Choose(1, 4) select (n, h, w);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(30), Prop.ForAll(shapes.ToArbitrary(), shape =>
        {
            var (n, h, w) = shape;
            float[] fortran = new float[n * h * w];
            for (int i = 0; i < n; i++)
            {
                for (int y = 0; y < h; y++)
                    for (int x = 0; x < w; x++) fortran[i + n * (y + h * x)] = (i * h + y) * w + x;
            }

            using var dataset = Open(files.Write("f.npy", Npy("<f4", $"{n}, {h}, {w}", Bytes(fortran), fortran: true)), Input("x", -1, h, w));
            return Enumerable.Range(0, n).All(i => Row(dataset, i).SequenceEqual(Enumerable.Range(i * h * w, h * w).Select(v => (float)v)));
        }));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Npz_arrays_feed_inputs_by_map_then_name_then_order_and_labels_are_found(CompressionLevel level)
    {
        byte[] a = Npy("<f4", "2, 2", Bytes<float>(1, 2, 3, 4)), b = Npy("<f4", "2, 2", Bytes<float>(5, 6, 7, 8)), y = Npy("<i8", "2,", Bytes<long>(3, 1));
        string path = files.Write("x.npz", Zip(level, ("b.npy", b), ("a.npy", a), ("y.npy", y)));
        using (var byName = Open(path, Input("a", -1, 2), Input("b", -1, 2)))
        {
            Assert.Equal([1, 2], Row(byName, 0));
            Assert.Equal(1, byName.LabelOf(1));
        }
        using (var byOrder = Open(path, Input("p", -1, 2), Input("q", -1, 2))) Assert.Equal([5, 6], Row(byOrder, 0));
        using (var byMap = Dataset.Open(Options(path), [Input("p", -1, 2)], [new InputOptions("p", null, "a", default)])) Assert.Equal([1, 2], Row(byMap, 0));

        Assert.Equal("HAQ0108", Refused(() => Open(path, Input("p", -1, 2), Input("q", -1, 2), Input("r", -1, 2))).Descriptor.Code);
        var missing = Refused(() => Dataset.Open(Options(path), [Input("p", -1, 2)], [new InputOptions("p", null, "c", default)]));
        Assert.Contains("has no array 'c'; it has b, a", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_file_per_input()
    {
        string a = files.Write("ids.npy", Npy("<i8", "2, 2", Bytes<long>(1, 2, 3, 4))), b = files.Write("mask.npy", Npy("|b1", "2, 2", [1, 1, 1, 0]));
        var options = new DatasetOptions([new DataFile("mask", Reference(b)), new DataFile("ids", Reference(a))]);
        using var dataset = Dataset.Open(options, [new("ids", DataType.Int64, [-1, 2]), new("mask", DataType.Int32, [-1, 2])], []);
        using var batch = new Batch(dataset, 2);
        batch.Fill(dataset, [1, 0]);
        Assert.Equal([3, 4, 1, 2], batch.Inputs[0].Values<long>().ToArray());
        Assert.Equal([1, 0, 1, 1], batch.Inputs[1].Values<int>().ToArray());
    }

    [Fact]
    public void Idx_plain_and_gzip_with_labels()
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9];
        string plain = files.Write("train-images-idx3-ubyte", images), zipped = files.Write("train-images-idx3-ubyte.gz", Gzip(images));
        string classes = files.Write("train-labels-idx1-ubyte.gz", Gzip(labels));
        foreach (string path in new[] { plain, zipped })
        {
            using var dataset = Dataset.Open(Options(path) with { Labels = new LabelOptions(Reference(classes)) }, [Input("x", -1, 1, 1, 2)], []);
            Assert.Equal([30, 40], Row(dataset, 1));
            Assert.Equal([7, 9], Enumerable.Range(0, 2).Select(dataset.LabelOf));
        }
    }

    [Fact]
    public void Raw_of_declared_type_and_shape()
    {
        string path = files.Write("mfcc.bin", Bytes<sbyte>(-83, 83, 0, 1, 2, 3));
        var options = Options(path) with { Format = DatasetFormat.Raw, ElementType = ElementKind.Int8, Shape = [3, 1], Preprocess = new PreprocessOptions { Mean = [83], Std = [0.5] } };
        using var dataset = Dataset.Open(options, [Input("x", -1, 1, 3, 1)], []);
        Assert.Equal([-332, 0, -166], Row(dataset, 0));
    }

    [Theory]
    [InlineData("p,label,q\n1,7,2\n\n3,9,4.5\n", null)]
    [InlineData("1;7;2\r\n3;9;4.5\r\n", "2")]
    [InlineData("a\t\"kind\"\tb\n1\t7\t2\n3\t9\t4.5", "kind")]
    public void Csv_rows_with_a_label_column(string text, string? column)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        foreach (string path in new[] { files.Write("rows.csv", bytes), files.Write("rows.tsv.gz", Gzip(bytes)) })
        {
            using var dataset = Dataset.Open(Options(path) with { Labels = column is null ? null : new LabelOptions(Column: column) }, [Input("x", -1, 1, 2, 1)], []);
            Assert.Equal([3, 4.5f], Row(dataset, 1));
            Assert.Equal([7, 9], Enumerable.Range(0, 2).Select(dataset.LabelOf));
        }
    }

    [Fact]
    public void Csv_labels_of_their_own_and_integer_inputs()
    {
        string path = files.Write("tokens.csv", "16777217,2\n3,4\n"u8.ToArray()), labels = files.Write("classes.csv", "id,label\n0,5\n1,6\n"u8.ToArray());
        using var dataset = Dataset.Open(Options(path) with { Labels = new LabelOptions(Reference(labels)) }, [new("ids", DataType.Int64, [-1, 2])], []);
        using var batch = new Batch(dataset, 2);
        batch.Fill(dataset, [0, 1]);
        Assert.Equal([16777217, 2, 3, 4], batch.Inputs[0].Values<long>().ToArray());
        Assert.Equal([5, 6], batch.Labels.ToArray());
    }

    [Theory]
    [InlineData("1,2\n3,x\n", "line 2, column 2 is 'x': expected a number")]
    [InlineData("1,2\n3\n", "line 2 has 1 columns, the first row 2")]
    [InlineData("1,2\n3,4,5\n", "line 2 has more than 2 columns")]
    [InlineData("a,b\n", "holds no rows")]
    [InlineData("", "holds no rows")]
    [InlineData("x,y\n1,0.5\n", "line 2 has the label 0.5")]
    [InlineData("1,2,3\n", "samples of 'bad.csv' have the shape [3], but input 'x' is [N, 2]")]
    public void Broken_csv_is_refused_by_line(string text, string message)
    {
        var diagnostic = Refused(() => Open(files.Write("bad.csv", System.Text.Encoding.UTF8.GetBytes(text)), Input("x", -1, 2)));
        Assert.Contains(message, diagnostic.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[], string, string> Broken => new()
    {
        { "none.npy", [], "HAQ0102", "not in NumPy's .npy format" },
        { "text.npy", "hello world, this is text"u8.ToArray(), "HAQ0102", "not in NumPy's .npy format" },
        { "short.npy", Npy("<f4", "2, 3", Bytes<float>(1, 2)), "HAQ0102", "needs 24 bytes, 8 are there" },
        { "empty.npy", Npy("<f4", "0, 3", []), "HAQ0105", "holds no samples" },
        { "object.npy", Npy("|O", "2, 3", new byte[99]), "HAQ0102", "type '|O'" },
        { "v9.npy", Npy("<f4", "2, 3", new byte[24], version: 9), "HAQ0102", "version 9" },
        { "nan.npy", Npy("<f4", "1, 3", Bytes<float>(1, float.NaN, 2)), "HAQ0106", "sample 0 of 'nan.npy' holds NaN at element 1" },
        { "shape.npy", Npy("<f4", "1, 4", new byte[16]), "HAQ0103", "shape [4], but input 'x' is [N, 3]" },
        { "cut.npz", Zip(CompressionLevel.Optimal, ("x.npy", Npy("<f4", "9, 3", new byte[108])))[..60], "HAQ0102", "not a complete zip" },
        { "cut.idx.gz", Gzip([0, 0, 8, 2, 0, 0, 0, 9, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9])[..20], "HAQ0102", "truncated" },
        { "short.idx", [0, 0, 8, 2, 0, 0, 0, 9, 0, 0, 0, 3, 1], "HAQ0102", "needs 27 bytes, 1 are there" },
        { "cifar.bin", new byte[3072], "HAQ0102", "records of 3073 bytes" },
        { "cifar_empty.bin", [], "HAQ0105", "holds no images" },
        { "data.xyz", [1], "HAQ0107", "add 'format:'" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_files_are_refused_by_name(string name, byte[] content, string code, string message)
    {
        string path = files.Write(name, content);
        var diagnostic = Refused(() =>
        {
            using var dataset = Open(path, Input("x", -1, 3));
            Row(dataset, 0);
        });
        Assert.Equal(code, diagnostic.Descriptor.Code);
        Assert.Contains(message, diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains($"'{name}'", diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal(7, diagnostic.Location!.Value.Line);
    }

    [Fact]
    public void Labels_that_do_not_fit_are_refused()
    {
        string path = files.Write("two.npy", Npy("<f4", "2, 1", Bytes<float>(1, 2)));
        Haq.Engine.Diagnostics.Diagnostic Labelled(string name, byte[] labels) =>
            Refused(() => Dataset.Open(Options(path) with { Labels = new LabelOptions(Reference(files.Write(name, labels))) }, [Input("x", -1, 1)], []));
        Assert.Contains("3 labels for 2 samples", Labelled("three.npy", Npy("|u1", "3,", [0, 1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("label 1 is -1", Labelled("minus.npy", Npy("|i1", "2,", [0, 255])).Message, StringComparison.Ordinal);
        Assert.Contains("label 0 is 0.5", Labelled("half.npy", Npy("<f4", "2,", Bytes(0.5f, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("Store them as npy, npz, idx or csv", Labelled("labels.lst", [0, 1]).Message, StringComparison.Ordinal);
        Assert.Contains("3 bytes are no bare integers of 1, 2, 4 or 8 bytes for 2 samples", Labelled("labels.bin", [0, 1, 2]).Message, StringComparison.Ordinal);
        Assert.Contains("samples of the shape [3]", Labelled("onehot.npy", Npy("|u1", "2, 3", new byte[6])).Message, StringComparison.Ordinal);

        using var dataset = Dataset.Open(Options(path) with { Labels = new LabelOptions(Reference(files.Write("ok.npy", Npy("|u1", "2,", [0, 10])))) }, [Input("x", -1, 1)], []);
        LabelRange.Check(dataset, 11, "logits");
        var range = Refused(() => LabelRange.Check(dataset, 10, "logits"));
        Assert.Contains("sample 1 of two.npy has the label 10, but output 'logits' has 10 classes", range.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named_with_the_manifests_line()
    {
        var diagnostic = Refused(() => Open(Path.Combine(files.Folder, "gone.npy"), Input("x", -1, 3)));
        Assert.StartsWith("haq.yaml(7,12): error HAQ0101: the data file 'gone.npy' cannot be read: there is no such file", diagnostic.ToString(), StringComparison.Ordinal);
    }
}
