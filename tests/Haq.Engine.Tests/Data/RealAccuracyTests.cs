using System.Collections.Immutable;
using Haq.Engine.Data;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using static Haq.Engine.Tests.Data.DataFixture;

namespace Haq.Engine.Tests.Data;

/// <summary>Real networks on real data: one wrong channel, offset or label and the published accuracy is gone.</summary>
public sealed class RealAccuracyTests
{
    private const string Digits = "models/mnist-8.onnx";

    [Fact]
    public void ResNet20_on_CIFAR10_is_right_on_87_70_percent()
    {
        var preprocess = new PreprocessOptions { Scale = 255, Mean = [0.485, 0.456, 0.406], Std = [0.229, 0.224, 0.225] };
        var options = Options(Shared.File("datasets/cifar10_eval_4000.bin.gz")) with { Preprocess = preprocess };
        Assert.Equal(87.70, Accuracy("models/resnet20_cifar10_jpegft.onnx", options, 100), 0.005);
    }

    [Fact]
    public void Keyword_spotting_from_raw_int8_features()
    {
        var options = Options(Shared.File("datasets/kws/kws_mfcc_int8_500x490.bin")) with
        {
            Format = DatasetFormat.Raw,
            ElementType = ElementKind.Int8,
            Shape = [49, 10],
            Preprocess = new PreprocessOptions { Mean = [83], Std = [1 / 0.5847029] },
        };
        using var model = new OrtSession(OnnxModel.Load(Shared.File("models/mlperftiny_kws_dscnn_float.onnx")));
        using var dataset = Dataset.Open(options, model.Inputs, []);
        byte[] labels = File.ReadAllBytes(Shared.File("datasets/kws/kws_labels_u8_500.bin"));
        Assert.InRange(100.0 * Right(model, dataset, 50, i => labels[i]) / dataset.Count, 89.5, 91.5);
    }

    [Fact]
    public void Fashion_MobileNet_on_IDX_is_right_on_93_35_percent()
    {
        var options = Options(Shared.File("sample/evaluation-images-idx3-ubyte.gz")) with
        {
            Labels = new LabelOptions(Reference(Shared.File("sample/evaluation-labels-idx1-ubyte.gz"))),
            Preprocess = new PreprocessOptions { Scale = 255 },
        };
        Assert.Equal(93.35, Accuracy("sample/fashion-mobilenet.onnx", options, 64), 0.005);
    }

    [Theory]
    [InlineData("models/squeezenet_v1.1_fp16weights.onnx", 227, 1.0, new double[] { 104, 117, 123 }, ColorOrder.Bgr, 72.77, 200)]
    [InlineData("models/mobilenet_v1_0.25_224_keras_float.onnx", 224, 127.5, new double[] { 1 }, ColorOrder.Rgb, 63.85, 650)]
    public void ImageNet_networks_on_a_zip_of_JPEGs(string model, int size, double scale, double[] mean, ColorOrder color, double published, int count)
    {
        var preprocess = new PreprocessOptions { Scale = scale, Mean = [.. mean], Color = color, Resize = [size, size] };
        var options = Options(Shared.File("datasets/imagenet_eval_650.zip")) with { Preprocess = preprocess };
        // The published figure is of other images too: within two standard errors.
        double error = 2 * Math.Sqrt(published * (100 - published) / count);
        Assert.InRange(Accuracy(model, options, 32, count), published - error, published + error);
    }

    [Fact]
    public void A_model_of_fixed_batch_takes_its_samples_one_by_one()
    {
        using var model = new OrtSession(OnnxModel.Load(Shared.File(Digits)));
        using var dataset = Dataset.Open(Options(Shared.File("sample/evaluation-images-idx3-ubyte.gz")), model.Inputs, []);
        Assert.Equal(1, Batches.SizeFor(dataset, 64));
        Assert.True(Right(model, First(dataset, 10), 64, _ => 0) >= 0);
    }

    private static DatasetSubset First(Dataset whole, int count) => new(whole, [.. Enumerable.Range(0, count)]);

    private static double Accuracy(string model, DatasetOptions options, int size, int count = int.MaxValue)
    {
        using var session = new OrtSession(OnnxModel.Load(Shared.File(model)));
        using var whole = Dataset.Open(options, session.Inputs, []);
        using var dataset = First(whole, Math.Min(count, whole.Count));
        double accuracy = 100.0 * Right(session, dataset, size, dataset.LabelOf) / dataset.Count;
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{accuracy:F2} % of {dataset.Count}"));
        return accuracy;
    }

    private static int Right(OrtSession model, IDataset dataset, int size, Func<int, int> label)
    {
        int right = 0, sample = 0;
        foreach (var batch in Batches.InOrder(dataset, size))
        {
            ImmutableArray<OrtTensor> outputs = [.. model.Run(batch.ByName)];
            var logits = outputs[0].Values<float>();
            int classes = logits.Length / batch.Rows;
            for (int i = 0; i < batch.Count; i++, sample++)
            {
                var row = logits.Slice(i * classes, classes);
                int best = 0;
                for (int c = 1; c < classes; c++) if (row[c] > row[best]) best = c;
                if (best == label(sample)) right++;
            }
            foreach (var output in outputs) output.Dispose();
        }
        return right;
    }
}
