using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data.Images;

/// <summary>Decodes, resizes and crops images inside ONNX Runtime. Safe for concurrent use.</summary>
internal sealed class ImageReader(ImageFrame frame, Interpolation interpolation) : IDisposable
{
    private readonly OrtSession _decoder = ImageGraphs.Decoder();
    private readonly OrtSession _resizer = ImageGraphs.Resizer(interpolation);

    /// <summary>Reads one image into <paramref name="destination"/>, uint8 [C, H, W].</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Read(byte[] file, Span<byte> destination)
    {
        if (ImageHeader.Problem(file, out _, out _) is { } problem) return problem;
        OrtTensor decoded;
        try
        {
            using var bytes = OrtTensor.Of<byte>(file, file.Length);
            decoded = _decoder.Run(new Dictionary<string, OrtTensor> { [ImageGraphs.File] = bytes })[0];
        }
        catch (HaqException)
        {
            return "its content is damaged";
        }
        using (decoded)
        {
            if (decoded.Shape.Length != 4 || decoded.Count == 0) return "its content is damaged";
            if (ColorPlanes.Convert(decoded, frame.Channels) is not { } image) return $"it has {decoded.Shape[1]} channels";
            try
            {
                return Fit(image, destination);
            }
            finally
            {
                if (image != decoded) image.Dispose();
            }
        }
    }

    private string? Fit(OrtTensor image, Span<byte> destination)
    {
        int height = (int)image.Shape[2], width = (int)image.Shape[3];
        var (newHeight, newWidth) = frame.Resized(height, width);
        if (newHeight < frame.Height || newWidth < frame.Width || (!frame.MayCrop && (newHeight, newWidth) != (frame.Height, frame.Width)))
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"it is {height} x {width}{(frame.Resize.IsEmpty ? "" : $", resized {newHeight} x {newWidth}")}, but {frame.Height} x {frame.Width} is needed");
        }

        if ((newHeight, newWidth) == (height, width))
        {
            Cut(image, destination);
            return null;
        }
        using var sizes = OrtTensor.Of<long>([1, frame.Channels, newHeight, newWidth], 4);
        using var resized = _resizer.Run(new Dictionary<string, OrtTensor> { [ImageGraphs.Image] = image, [ImageGraphs.Sizes] = sizes })[0];
        Cut(resized, destination);
        return null;
    }

    private void Cut(OrtTensor image, Span<byte> destination)
    {
        int height = (int)image.Shape[2], width = (int)image.Shape[3];
        // The centre as torchvision finds it: half the rest, rounded to even.
        int top = (int)Math.Round((height - frame.Height) / 2.0, MidpointRounding.ToEven), left = (int)Math.Round((width - frame.Width) / 2.0, MidpointRounding.ToEven);
        var pixels = image.Values<byte>();
        for (int c = 0; c < frame.Channels; c++)
        {
            for (int y = 0; y < frame.Height; y++)
                pixels.Slice((c * height + top + y) * width + left, frame.Width).CopyTo(destination[((c * frame.Height + y) * frame.Width)..]);
        }
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _resizer.Dispose();
    }
}
