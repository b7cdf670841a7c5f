//! The language templates are written in: typed values, references, policies, emission; knows no AWS service.
