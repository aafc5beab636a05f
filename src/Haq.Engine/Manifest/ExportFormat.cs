namespace Haq.Engine.Manifest;

/// <summary>How the quantized model is written.</summary>
public enum ExportFormat
{
    /// <summary>QuantizeLinear and DequantizeLinear, for stock ONNX Runtime.</summary>
    Qdq,

    /// <summary>Quant nodes as QONNX defines them, for FINN and hls4ml.</summary>
    Qonnx,
}
