using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Models whose constants are in a file, so that those of gigabytes need not be in memory.</summary>
internal static class OutsourcedModel
{
    private const string FileName = "constants.data";

    /// <summary>A constant whose elements are only written into the file.</summary>
    public static TensorProto Placeholder(string name, long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.AddRange(dims);
        ExternalData.Point(tensor, FileName, 0, TensorData.ByteLength(tensor)!.Value);
        return tensor;
    }

    /// <summary>Writes the constants of <paramref name="model"/> into a file in <paramref name="folder"/>, one after the other, and returns the model that reads them there.</summary>
    /// <param name="model">Not changed.</param>
    /// <param name="folder">Where the file goes.</param>
    /// <param name="later">The bytes of placeholders, by name; each is asked for once.</param>
    /// <exception cref="HaqException">The file cannot be written (HAQ0309).</exception>
    public static OnnxModel Write(OnnxModel model, string folder, IReadOnlyDictionary<string, Func<byte[]>> later)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return new OnnxModel(ModelWriter.WriteData(model, path, FileName, ModelSaveOptions.Default.MinExternalBytes, later), model.Name, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.ModelNotWritten.Error(
                path, $"cannot be written: {e.Message.TrimEnd('.')}. The constants of a network of more than a gigabyte are put there while it is quantized: free some space, or let TMPDIR name another folder.", e);
        }
    }
}
