using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>The size that every image ends with, and how it gets there: resize, then cut out the centre.</summary>
/// <param name="Channels">1 (grey) or 3.</param>
/// <param name="Height">Of the result.</param>
/// <param name="Width">Of the result.</param>
/// <param name="Resize">As in <see cref="PreprocessOptions.Resize"/>.</param>
/// <param name="MayCrop">The options ask for the centre; otherwise another size is an error, not a crop.</param>
internal sealed record ImageFrame(int Channels, int Height, int Width, ImmutableArray<int> Resize, bool MayCrop)
{
    public ImmutableArray<int> Shape => [Channels, Height, Width];

    /// <summary>The frame that a model's input asks for. An extent that the graph leaves open is filled by the declared shape, else by the options, else by the first image.</summary>
    /// <exception cref="HaqException">The input does not take images (HAQ0103).</exception>
    public static ImageFrame For(TensorInfo input, InputOptions? declared, PreprocessOptions options, FileReference file, Func<(int Height, int Width)> firstImage)
    {
        long[] shape = [.. input.Shape];
        if (declared?.Shape is { } given && given.Length == shape.Length)
            for (int d = 1; d < shape.Length; d++) if (shape[d] < 0) shape[d] = given[d];
        if (shape.Length is not (3 or 4)) throw NoImage(input, file);
        // Without a batch dimension an image is the whole input.
        long[] image = shape[^3..];
        bool last = options.Layout switch
        {
            TensorLayout.Nhwc => true,
            TensorLayout.Nchw => false,
            _ => image[0] is not (1 or 3) && image[2] is (1 or 3),
        };
        long channels = last ? image[2] : image[0];
        if (channels < 0) channels = 3;
        if (channels is not (1 or 3)) throw NoImage(input, file);
        long height = last ? image[0] : image[1], width = last ? image[1] : image[2];
        var (h, w) = options.Crop.Length > 0 ? (options.Crop[0], options.Crop[^1])
            : options.Resize.Length == 2 ? (options.Resize[0], options.Resize[1])
            : (0, 0);
        if (h == 0 && height > 0 && width > 0) (h, w) = ((int)height, (int)width);
        if (h == 0 && options.Resize.Length == 1) (h, w) = (options.Resize[0], options.Resize[0]);
        if (h == 0) (h, w) = firstImage();
        return new ImageFrame((int)channels, h, w, options.Resize, options.Crop.Length > 0 || options.Resize.Length == 1);
    }

    /// <summary>The size that an image is resized to before the centre is cut out.</summary>
    public (int Height, int Width) Resized(int height, int width) => Resize.Length switch
    {
        0 => (height, width),
        2 => (Resize[0], Resize[1]),
        // The longer side is truncated, as torchvision does.
        _ => height <= width ? (Resize[0], (int)((long)Resize[0] * width / height)) : ((int)((long)Resize[0] * height / width), Resize[0]),
    };

    private static HaqException NoImage(TensorInfo input, FileReference file) => DiagnosticCatalog.DataShape.Error(file.At,
        $"'{file.Text}' holds images, but input '{input.Name}' is {DataErrors.Text(input.Shape)}: images feed inputs such as [N, 3, 224, 224] or [N, 224, 224, 3]; give another 'format:' if these are no images.");
}
