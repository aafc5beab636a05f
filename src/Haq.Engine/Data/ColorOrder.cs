namespace Haq.Engine.Data;

/// <summary>The order of an image's three channels.</summary>
public enum ColorOrder
{
    /// <summary>Red first: how data sets are stored.</summary>
    Rgb,

    /// <summary>Blue first: what networks trained with OpenCV or Caffe want.</summary>
    Bgr,
}
