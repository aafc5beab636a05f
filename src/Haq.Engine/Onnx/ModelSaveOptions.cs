namespace Haq.Engine.Onnx;

/// <summary>How a model is written.</summary>
/// <param name="ExternalData">Put large tensors into a file of their own even where the model would fit one file.</param>
/// <param name="MinExternalBytes">Tensors smaller than this stay in the model.</param>
/// <param name="MaxFileBytes">Above this many bytes a model gets external data whether asked for or not: protobuf ends at 2 GB.</param>
public sealed record ModelSaveOptions(bool ExternalData = false, int MinExternalBytes = 1024, long MaxFileBytes = 2_000_000_000)
{
    /// <summary>What the name of the data file adds to the model's.</summary>
    public const string DataSuffix = ".data";

    /// <summary>One file where that is possible; tensors that were external stay so.</summary>
    public static ModelSaveOptions Default { get; } = new();
}
