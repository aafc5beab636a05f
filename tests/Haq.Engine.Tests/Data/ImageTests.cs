using System.Diagnostics;
using System.IO.Compression;
using Haq.Engine.Data;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

public sealed class ImageTests(DataFixture files) : IClassFixture<DataFixture>
{
    // Pillow's answer: decode, resize, as uint8 CHW. With a file name at the end, the image is first kept there in another mode.
    private const string Script = """
        import sys
        from PIL import Image
        mode, h, w, method = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), getattr(Image, sys.argv[5])
        image = Image.open(sys.argv[1])
        if len(sys.argv) > 6:
            image.convert(sys.argv[6]).save(sys.argv[7])
            image = Image.open(sys.argv[7])
        image = image.convert(mode)
        if (h, w) != (image.height, image.width): image = image.resize((w, h), method)
        for band in image.split(): sys.stdout.buffer.write(band.tobytes())
        """;

    [Theory]
    [InlineData(227, 227, Interpolation.Bilinear, "BILINEAR", "RGB")]
    [InlineData(224, 224, Interpolation.Bilinear, "BILINEAR", "RGB")]
    [InlineData(96, 128, Interpolation.Bilinear, "BILINEAR", "RGB")]
    [InlineData(300, 260, Interpolation.Bilinear, "BILINEAR", "RGB")]
    [InlineData(100, 100, Interpolation.Bicubic, "BICUBIC", "RGB")]
    [InlineData(300, 300, Interpolation.Bicubic, "BICUBIC", "RGB")]
    [InlineData(96, 97, Interpolation.Nearest, "NEAREST", "RGB")]
    [InlineData(300, 301, Interpolation.Nearest, "NEAREST", "RGB")]
    [InlineData(227, 227, Interpolation.Bilinear, "BILINEAR", "RGBA")]
    [InlineData(227, 227, Interpolation.Bilinear, "BILINEAR", "L")]
    [InlineData(227, 227, Interpolation.Bilinear, "BILINEAR", "P")]
    [InlineData(227, 227, Interpolation.Bilinear, "BILINEAR", "L", "jpg")]
    [InlineData(227, 227, Interpolation.Bilinear, "BILINEAR", "CMYK", "jpg")]
    public void Resizing_is_Pillows_but_for_rounding(int height, int width, Interpolation interpolation, string pillow, string stored, string extension = "png")
    {
        string jpeg = FirstImage(), png = files.Write($"{extension}-{height}-{width}-{pillow}-{stored}/a.{extension}", []);
        byte[] expected = Pillow(jpeg, "RGB", height, width, pillow, stored, png);
        var options = Options(Path.GetDirectoryName(png)!) with { Preprocess = new PreprocessOptions { Resize = [height, width], Interpolation = interpolation } };
        using var dataset = Dataset.Open(options, [Input("x", -1, 3, height, width)], []);
        float[] row = Row(dataset, 0);
        Assert.Equal(expected.Length, row.Length);
        double[] differences = [.. row.Zip(expected, (a, b) => (double)Math.Abs(a - b))];
        // Both filter in fixed point, one axis after the other, but not in the same order: the last bit may differ here and there.
        bool isFiltered = interpolation != Interpolation.Nearest && (height, width) != (227, 227);
        Assert.True(differences.Max() <= (isFiltered ? 1 : 0) && differences.Average() < 0.01, $"largest difference {differences.Max()}, mean {differences.Average():G3}");
    }

    [Fact]
    public void Decoding_a_JPEG_differs_from_Pillow_only_in_how_colour_is_interpolated()
    {
        string path = FirstImage();
        byte[] expected = Pillow(path, "RGB", 227, 227, "BILINEAR");
        using var dataset = Open(Path.GetDirectoryName(path)!, Input("x", -1, 3, 227, 227));
        float[] row = Row(dataset, 0);
        int n = 227 * 227;
        double Luma(Func<int, double> at, int i) => 0.299 * at(i) + 0.587 * at(n + i) + 0.114 * at(2 * n + i);
        // Half-resolution colour planes are widened by the inverse transform itself in libjpeg 9, by a triangle filter in Pillow's libjpeg-turbo; brightness is stored whole.
        double luma = Enumerable.Range(0, n).Average(i => Math.Abs(Luma(k => row[k], i) - Luma(k => expected[k], i)));
        Assert.True(luma < 0.4, $"mean difference of luma {luma:G3}");
        Assert.True(row.Zip(expected, (a, b) => Math.Abs(a - b)).Average() < 1);
    }

    [Fact]
    public void Grey_inputs_get_Pillows_luma()
    {
        string path = FirstImage();
        string png = files.Write("grey/a.png", []);
        byte[] expected = Pillow(path, "L", 227, 227, "BILINEAR", "RGB", png);
        using var dataset = Open(Path.GetDirectoryName(png)!, Input("x", -1, 1, 227, 227));
        Assert.Equal(expected.Select(v => (float)v), Row(dataset, 0));
    }

    [Fact]
    public void Size_crop_and_layout_follow_the_options()
    {
        string folder = Path.GetDirectoryName(FirstImage())!;
        using var whole = Open(folder, Input("x", -1, 3, 227, 227));
        float[] all = Row(whole, 0);
        using var cropped = Dataset.Open(Options(folder) with { Preprocess = new PreprocessOptions { Crop = [224, 200] } }, [Input("x", -1, 224, 200, 3)], []);
        float[] row = Row(cropped, 0);
        // (227 - 224) / 2 and (227 - 200) / 2 are rounded to even: 2 and 14.
        Assert.Equal(all[(1 * 227 + 2 + 5) * 227 + 14 + 9], row[(5 * 200 + 9) * 3 + 1]);
        using var open = Open(folder, Input("x", -1, 3, -1, -1));
        Assert.Equal([-1, 3, 227, 227], open.Inputs[0].Shape);
        using var wrong = Open(folder, Input("x", -1, 3, 224, 224));
        var diagnostic = Refused(() => Row(wrong, 0));
        Assert.Contains("it is 227 x 227, but 224 x 224 is needed. Say how images get their size", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains("images feed inputs such as", Refused(() => Open(folder, Input("x", -1, 10))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_come_from_folders_a_csv_beside_or_inside()
    {
        byte[] image = File.ReadAllBytes(FirstImage());
        foreach (string name in new[] { "tree/cat/1.jpg", "tree/cat/2.JPEG", "tree/ant/1.jpg" }) files.Write(name, image);
        string tree = Path.Combine(files.Folder, "tree");
        var input = Input("x", -1, 3, 227, 227);
        using (var folders = Open(tree, input)) Assert.Equal([0, 1, 1], Enumerable.Range(0, 3).Select(folders.LabelOf));

        string csv = files.Write("beside.csv", "file;class\r\ncat/2.JPEG;9\r\ncat/1.jpg;8\r\nant/1.jpg;7\r\n"u8.ToArray());
        using (var beside = Dataset.Open(Options(tree) with { Labels = new LabelOptions(Reference(csv)) }, [input], [])) Assert.Equal([7, 8, 9], Enumerable.Range(0, 3).Select(beside.LabelOf));

        string zip = files.Write("inside.zip", Zip(CompressionLevel.NoCompression, ("a/1.jpg", image), ("a/2.jpg", image), ("labels.csv", "file,label\n1.jpg,4\n2.jpg,5\n"u8.ToArray())));
        using (var inside = Open(zip, input)) Assert.Equal([4, 5], Enumerable.Range(0, 2).Select(inside.LabelOf));

        files.Write("beside.csv", "cat/2.JPEG,9\ncat/1.jpg,x\n"u8.ToArray());
        Assert.Contains("line 2 is 'cat/1.jpg,x'", Refused(() => Dataset.Open(Options(tree) with { Labels = new LabelOptions(Reference(csv)) }, [input], [])).Message, StringComparison.Ordinal);
        files.Write("beside.csv", "cat/2.JPEG,9\n"u8.ToArray());
        Assert.Contains("no label for image 'ant/1.jpg'", Refused(() => Dataset.Open(Options(tree) with { Labels = new LabelOptions(Reference(csv)) }, [input], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Corrupt_files_are_named_counted_and_tolerated_up_to_a_share()
    {
        byte[] image = File.ReadAllBytes(FirstImage());
        for (int i = 0; i < 8; i++) files.Write($"some/{i}.jpg", image);
        files.Write("some/cut.jpg", image[..(image.Length / 2)]);
        files.Write("some/none.png", []);
        string folder = Path.Combine(files.Folder, "some");
        var input = Input("x", -1, 3, 227, 227);

        using (var strict = Open(folder, input))
        {
            Assert.Equal(10, strict.Count);
            var diagnostic = Refused(() => Batches.InOrder(strict, 10).Count());
            Assert.Equal("HAQ0109", diagnostic.Descriptor.Code);
            Assert.Matches("'(cut.jpg|none.png)' of 'some' cannot be used: it is (truncated|empty)", diagnostic.Message);
        }
        using (var tolerant = Dataset.Open(Options(folder) with { CorruptShare = 0.2 }, [input], []))
        {
            Assert.Equal(8, tolerant.Count);
            Assert.Contains("2 of 10 images in 'some' cannot be used and are left out: 'cut.jpg' (it is truncated), 'none.png' (it is empty).",
                Assert.Single(tolerant.Warnings).Message, StringComparison.Ordinal);
            Assert.Equal(8, Batches.InOrder(tolerant, 3).Sum(b => b.Count));
        }
        Assert.Contains("more than the 10 % allowed", Refused(() => Dataset.Open(Options(folder) with { CorruptShare = 0.1 }, [input], [])).Message, StringComparison.Ordinal);
        Assert.Contains("holds no images", Refused(() => Open(Directory.CreateDirectory(Path.Combine(files.Folder, "empty")).FullName, input)).Message, StringComparison.Ordinal);
        Assert.Contains("not a complete zip", Refused(() => Open(files.Write("cut.zip", [0x50, 0x4B, 3, 4, 0]), input)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_gives_the_same_images_and_notices_changed_ones()
    {
        byte[] image = File.ReadAllBytes(FirstImage());
        files.Write("kept/a.jpg", image);
        files.Write("kept/b.jpg", image);
        string cut = files.Write("kept/c.jpg", image[..5000]);
        var options = Options(Path.Combine(files.Folder, "kept")) with { CacheFolder = Path.Combine(files.Folder, "cache"), CorruptShare = 0.5 };
        var input = Input("x", -1, 3, 227, 227);
        using var plain = Dataset.Open(options with { CacheFolder = null }, [input], []);
        for (int run = 0; run < 2; run++)
        {
            using var cached = Dataset.Open(options, [input], []);
            Assert.Equal(2, cached.Count);
            Assert.Single(cached.Warnings);
            Assert.Equal(Row(plain, 1), Row(cached, 1));
            Assert.Single(Directory.GetFiles(options.CacheFolder));
        }
        File.WriteAllBytes(cut, image);
        using var mended = Dataset.Open(options, [input], []);
        Assert.Equal(3, mended.Count);
        Assert.Empty(mended.Warnings);
    }

    private string FirstImage()
    {
        using var zip = ZipFile.OpenRead(Shared.File("datasets/imagenet_eval_650.zip"));
        var entry = zip.Entries.First(e => e.Name.EndsWith(".JPEG", StringComparison.Ordinal));
        using var content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return files.Write("one/first.JPEG", bytes.ToArray());
    }

    private static byte[] Pillow(string path, params string[] arguments)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (python is null) return Skip();
            using var bytes = new MemoryStream();
            python.StandardOutput.BaseStream.CopyTo(bytes);
            python.WaitForExit();
            return python.ExitCode == 0 ? bytes.ToArray() : Skip();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return Skip();
        }
    }

    private static byte[] Pillow(string path, string mode, int height, int width, params string[] rest) =>
        Pillow(path, [mode, height.ToString(System.Globalization.CultureInfo.InvariantCulture), width.ToString(System.Globalization.CultureInfo.InvariantCulture), .. rest]);

    private static byte[] Skip()
    {
        Assert.Skip("needs Pillow (Debian's python3-pil) in /usr/bin/python3");
        return [];
    }
}
