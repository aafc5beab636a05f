using System.Globalization;

namespace Haq.Benchmarks.Reproduction;

/// <summary>A real network with its data: what is searched on, and images that no choice is made on.</summary>
/// <param name="Name">As in cells.</param>
/// <param name="Title">As in tables.</param>
/// <param name="Model">Its file among the models.</param>
/// <param name="Preprocess">As in a manifest.</param>
/// <param name="Chosen">The data set that calibration, searches and training see.</param>
/// <param name="Unseen">The data set that the figures are from.</param>
/// <param name="Labels">What is said of labels.</param>
/// <param name="SearchImages">Images that searches measure on.</param>
/// <param name="UnseenImages">Images that the figures are from.</param>
internal sealed record ReproducedNetwork(string Name, string Title, string Model, string Preprocess, string Chosen, string Unseen, string Labels, int SearchImages, int UnseenImages)
{
    private const string ImageNet = "imagenet_calibration_500.zip", Validation = "imagenet_eval_650.zip";
    private const string Cifar = "cifar10_train_2000.bin.gz", CifarTest = "cifar10_eval_4000.bin.gz";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ReproducedNetwork> All { get; } =
    [
        new("mobilenet-v1-0.25", "MobileNetV1-0.25-224", "mobilenet_v1_0.25_224_keras_float.onnx", "{resize: [224, 224], scale: 127.5, mean: 1}", ImageNet, Validation, "", 128, 650),
        new("mobilenet-v2", "MobileNetV2-1.0-224", "mobilenet_v2_1.0_224_tf2ptq_dequantized.onnx", "{resize: [224, 224], scale: 127.5, mean: 1}", ImageNet, Validation, ", labels: {offset: 1}", 48, 650),
        new("squeezenet", "SqueezeNet 1.1", "squeezenet_v1.1_fp16weights.onnx", "{resize: [227, 227], color: bgr, scale: 1, mean: [104, 117, 123]}", ImageNet, Validation, "", 64, 650),
        new("resnet-20", "ResNet-20 (CIFAR-10)", "resnet20_cifar10_jpegft.onnx", "{scale: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}", Cifar, CifarTest, "", 256, 2000),
        new("resnet-8", "ResNet-8 (CIFAR-10)", "mlperftiny_ic_resnet8_float.onnx", "{scale: 1}", Cifar, CifarTest, "", 256, 2000),
    ];

    /// <summary>The network of that name.</summary>
    public static ReproducedNetwork Of(string name) => All.First(n => n.Name == name);

    /// <summary>A manifest for a group of cells; its budget is the caller's to give.</summary>
    /// <param name="group">The group.</param>
    /// <param name="shared">The folder with models and data sets.</param>
    /// <param name="images">A folder for decoded images.</param>
    public string Manifest(CellGroup group, string shared, string images)
    {
        string data = $"preprocess: {Preprocess}{Labels}{(Chosen.EndsWith(".zip", StringComparison.Ordinal) ? $", cache: '{images}'" : "")}";
        // As in the paper, sizes are of networks whose every layer is free; where integers are computed with, the first and the last layer keep 8 bits.
        string weights = group.Quantity == Quantity.Size ? "quantization: {weights: kmeans}\nlayers: {\"*\": {weights: 2..8}}\n" : "";
        string training = group.Epochs == 0 ? "" : $"  training: {{path: '{shared}/datasets/{Chosen}', {data}}}\n";
        string tuning = group.Epochs == 0 ? "" : $"finetune: {{epochs: {group.Epochs}, batch: 32}}\n";
        return string.Create(CultureInfo.InvariantCulture, $$"""
            model: '{{shared}}/models/{{Model}}'
            hardware: {{CellPlan.HardwareOf(group.Hardware)}}
            budget: { {{group.Quantity.Key()}}: 1x }
            data:
              calibration: {path: '{{shared}}/datasets/{{Chosen}}', samples: 128, {{data}}}
              search: {path: '{{shared}}/datasets/{{Chosen}}', {{data}}}
              evaluation: {path: '{{shared}}/datasets/{{Unseen}}', samples: {{UnseenImages}}, {{data}}}
            {{training}}search: {samples: {{SearchImages}}, episodes: {{group.Episodes}}, seed: {{group.Seed}}, time-limit: {{CellPlan.TimeLimit}} s}
            {{weights}}{{tuning}}
            """);
    }
}
